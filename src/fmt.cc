// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What fmt 9 keeps in its library, compiled into ours. <fmt/format-inl.h> defines the functions; of the templates that
// <fmt/core.h> and <fmt/format.h> declare without a body, those of `char` are instantiated here. The namespace comes
// from the command line: see cmake/EnfoldFmt.cmake.
#ifndef FMT_HEADER_ONLY

#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

template void buffer<char>::append(const char*, const char*);
template void vformat_to(buffer<char>&, string_view, basic_format_args<FMT_BUFFER_CONTEXT(char)>, locale_ref);

template dragonbox::decimal_fp<float> dragonbox::to_decimal(float) noexcept;
template dragonbox::decimal_fp<double> dragonbox::to_decimal(double) noexcept;

template locale_ref::locale_ref(const std::locale&);
template std::locale locale_ref::get<std::locale>() const;
template thousands_sep_result<char> thousands_sep_impl(locale_ref);
template char decimal_point_impl(locale_ref);

}  // namespace detail
FMT_END_NAMESPACE

#endif
