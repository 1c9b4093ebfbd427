// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The progress line as a terminal receives it. Time passes only where a test lets it pass: see wait().
#include "progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>

namespace tool {
namespace {

ProgressLine::Clock::time_point time_now;
ProgressLine::Clock::time_point now() { return time_now; }
void wait() { time_now += std::chrono::milliseconds(320); }

// Standard error is a terminal while this lives.
class TerminalTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(openpty(&screen_, &terminal_, nullptr, nullptr, nullptr), 0);
    saved_ = dup(STDERR_FILENO);
    dup2(terminal_, STDERR_FILENO);
    fcntl(screen_, F_SETFL, O_NONBLOCK);
  }
  void TearDown() override {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    close(terminal_);
    close(screen_);
  }

  // Expects what the terminal shows next to be `expected`. A terminal hands on what was written to it in its own time,
  // and in pieces.
  void expect_shown(std::string_view expected) const {
    std::string text;
    const auto patience = [&] { return text.size() < expected.size() ? 60'000 : 50; };
    for (pollfd ready{screen_, POLLIN, 0}; poll(&ready, 1, patience()) == 1;) {
      char buffer[4096];
      const ssize_t n = read(screen_, buffer, sizeof buffer);
      if (n <= 0) break;
      text.append(buffer, static_cast<std::size_t>(n));
    }
    EXPECT_EQ(text, expected);
  }

 private:
  int screen_ = -1, terminal_ = -1, saved_ = -1;
};

TEST_F(TerminalTest, NothingIsShownAtFirst) {
  ProgressLine line(now);
  line.update("read", 0, 10);
  expect_shown("");
}

TEST_F(TerminalTest, ALongLinkShowsItsPass) {
  ProgressLine line(now);
  wait();
  line.update("read", 3, 10);
  expect_shown("\renfold: read 3/10");
}

TEST_F(TerminalTest, UpdatesInQuickSuccessionAreLeftOut) {
  ProgressLine line(now);
  wait();
  line.update("read", 3, 10);
  line.update("read", 4, 10);
  expect_shown("\renfold: read 3/10");
}

TEST_F(TerminalTest, TheLineIsErasedAtTheEnd) {
  {
    ProgressLine line(now);
    wait();
    line.update("read", 0, 1);
    expect_shown("\renfold: read");
  }
  expect_shown("\r            \r");
}

TEST_F(TerminalTest, TheLineIsErasedBeforeInitialisersRun) {
  ProgressLine line(now);
  wait();
  line.update("read", 0, 1);
  line.update("register", 1, 2);
  expect_shown("\renfold: read\r            \r");
}

TEST(ProgressTest, NothingIsWrittenToAPipe) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK), 0);
  int saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  {
    ProgressLine line(now);
    wait();
    line.update("read", 0, 1);
  }
  dup2(saved, STDERR_FILENO);
  char buffer[16];
  EXPECT_EQ(read(ends[0], buffer, sizeof buffer), -1);
  for (int end : {ends[0], ends[1], saved}) close(end);
}

}  // namespace
}  // namespace tool
