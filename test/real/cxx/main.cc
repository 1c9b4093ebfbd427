// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a C++ program asks of its linker beyond a C program: initialisers in order, run-time type information and
// exceptions across files, objects of the C++ library addressed directly, destructors at exit.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <numeric>
#include <regex>
#include <sstream>
#include <thread>
#include <typeinfo>

#include "shape.h"

namespace {

[[gnu::init_priority(1000)]] struct Between {
  Between() { start_up().push_back("main.cc 1000"); }
} between;

struct Trace {
  explicit Trace(const char* n) : name(n) {}
  ~Trace() { std::cout << "  unwound " << name << '\n'; }
  const char* name;
};

void streams() {
  std::ostringstream text;
  text << std::hex << std::showbase << 255 << ' ' << std::dec << std::setw(8) << std::setfill('.') << 42 << ' '
       << std::fixed << std::setprecision(3) << 3.14159 << ' ' << std::boolalpha << true;
  std::cout << text.str() << '\n';
  std::istringstream in("12 0x1f word");
  int a = 0, b = 0;
  std::string word;
  in >> a >> std::hex >> b >> word;
  std::cout << a << ' ' << b << ' ' << word << ' ' << in.eof() << '\n';
  std::string line;
  for (int number = 1; std::getline(std::cin, line); ++number) std::cout << number << ": " << line << '\n';
}

void types() {
  const auto square = make_square(3, 7);
  const auto plain = make_plain("plain");
  std::cout << square->describe() << "; " << plain->describe() << '\n';
  const auto* coloured = dynamic_cast<const Coloured*>(square.get());
  const auto* sized = dynamic_cast<const Sized*>(coloured);  // across the diamond
  std::cout << "area " << sized->area() << ", same object "
            << (dynamic_cast<const void*>(sized) == dynamic_cast<const void*>(square.get())) << ", plain is sized "
            << (dynamic_cast<const Sized*>(plain.get()) != nullptr) << '\n';
  std::cout << typeid(*plain).name() << ' ' << (typeid(*square) == typeid(*plain)) << ' '
            << (typeid(*coloured) == typeid(*sized)) << ' ' << instance_count() << '\n';
  try {
    (void)dynamic_cast<const Sized&>(*plain);
  } catch (const std::bad_cast& error) {
    std::cout << "bad cast: " << error.what() << '\n';
  }
}

void nested(double size) try {
  Trace trace("nested");
  make_square(size, 1);
} catch (const RangeError& error) {
  std::throw_with_nested(std::logic_error("while nested, value " + std::to_string(error.value)));
}

void exceptions() {
  for (double size : {1.0, 0.0, -4.0}) {
    try {
      Trace trace("caller");
      nested(size);
      std::cout << size << ": fine\n";
    } catch (const std::logic_error& error) {
      std::cout << size << ": " << error.what() << '\n';
      try {
        std::rethrow_if_nested(error);
      } catch (const std::runtime_error& inner) {  // a virtual base
        std::cout << "  because of: " << inner.what() << '\n';
      }
    } catch (const std::exception& error) {
      std::cout << size << ": " << error.what() << '\n';
    }
  }
  // Thrown by the C++ library through a frame of ours.
  try {
    Trace trace("around the library");
    std::vector<int>{1, 2}.at(5);
  } catch (const std::out_of_range&) {
    std::cout << "out of range, still uncaught: " << std::uncaught_exceptions() << '\n';
  }
  // Thrown by a callback of ours through frames of the C library.
  int numbers[] = {3, 1, 2};
  try {
    std::qsort(numbers, 3, sizeof(int), [](const void*, const void*) -> int { throw 42; });
  } catch (int value) {
    std::cout << "through qsort: " << value << '\n';
  }
}

void library() {
  std::map<std::string, int> lengths;
  const std::string text = "Objects go in, a running program comes out: objects, archives, libraries.";
  const std::regex word("[A-Za-z]+");
  for (std::sregex_iterator i(text.begin(), text.end(), word), end; i != end; ++i)
    lengths[i->str()] = static_cast<int>(i->length());
  for (const auto& [name, length] : lengths) std::cout << name << '=' << length << ' ';
  std::cout << '\n';

  std::atomic<long> sum{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&sum, t] {
      try {
        for (int i = 0; i < 1000; ++i) sum += i;
        if (t == 2) throw std::runtime_error("in a thread");
      } catch (const std::exception&) {
        sum += 1'000'000;
      }
    });
  for (std::thread& thread : threads) thread.join();
  std::cout << "sum " << sum << '\n';

  Registry<int>::names.push_back("one");
  std::cout << "one registry " << (registry_seen_from_other_file() == &Registry<int>::names) << '\n';
  std::function<int(int)> factorial = [&](int n) { return n < 2 ? 1 : n * factorial(n - 1); };
  const auto shared = std::make_shared<std::string>("shared");
  const std::weak_ptr<std::string> weak = shared;
  std::cout << factorial(10) << ' ' << weak.use_count() << ' ' << *weak.lock() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::string& event : start_up()) std::cout << event << '\n';
  std::cout << "arguments:";
  for (int i = 1; i < argc; ++i) std::cout << " <" << argv[i] << '>';
  std::cout << '\n';
  std::atexit([] { std::cout << "atexit handler" << std::endl; });
  streams();
  types();
  exceptions();
  library();
  std::cerr << "to cerr\n";
  if (argc > 1 && std::string(argv[1]) == "terminate") {
    std::set_terminate([] {
      std::cout << "terminate handler" << std::endl;
      std::_Exit(7);
    });
    throw 1;
  }
  if (argc > 1) std::exit(std::atoi(argv[1]));
  return 3;
}
