// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a test is built with: gcc says it by a macro of its own, clang as a feature.
#ifndef ENFOLD_TEST_SANITIZER_H_
#define ENFOLD_TEST_SANITIZER_H_

#if defined(__SANITIZE_THREAD__)
#define ENFOLD_TEST_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ENFOLD_TEST_THREAD_SANITIZER 1
#endif
#endif

#if defined(__SANITIZE_ADDRESS__)
#define ENFOLD_TEST_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ENFOLD_TEST_ADDRESS_SANITIZER 1
#endif
#endif

#endif  // ENFOLD_TEST_SANITIZER_H_
