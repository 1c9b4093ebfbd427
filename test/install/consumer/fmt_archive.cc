// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an archive of fmt has: strong definitions under fmt's own names.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {
template thousands_sep_result<char> thousands_sep_impl(locale_ref);
template char decimal_point_impl(locale_ref);
}  // namespace detail
FMT_END_NAMESPACE
