// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int first_count = 5;
__thread char first_name[40] = "initial";
__attribute__((constructor)) static void up(void) {
  first_count += 10;
  first_name[0] = 'I';
}
