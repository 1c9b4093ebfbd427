// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The progress line as a terminal receives it. Short links show none, so time is let pass here.
#include "progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

namespace tool {
namespace {

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

  // A terminal hands on what was written to it in its own time, and in pieces.
  std::string shown() const {
    std::string text;
    for (pollfd ready{screen_, POLLIN, 0}; poll(&ready, 1, 100) == 1;) {
      char buffer[4096];
      const ssize_t n = read(screen_, buffer, sizeof buffer);
      if (n <= 0) break;
      text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
  }

  static void wait() { std::this_thread::sleep_for(std::chrono::milliseconds(320)); }

 private:
  int screen_ = -1, terminal_ = -1, saved_ = -1;
};

TEST_F(TerminalTest, NothingIsShownAtFirst) {
  ProgressLine line;
  line.update("read", 0, 10);
  EXPECT_EQ(shown(), "");
}

TEST_F(TerminalTest, ALongLinkShowsItsPass) {
  ProgressLine line;
  wait();
  line.update("read", 3, 10);
  EXPECT_EQ(shown(), "\renfold: read 3/10");
}

TEST_F(TerminalTest, UpdatesInQuickSuccessionAreLeftOut) {
  ProgressLine line;
  wait();
  line.update("read", 3, 10);
  line.update("read", 4, 10);
  EXPECT_EQ(shown(), "\renfold: read 3/10");
}

TEST_F(TerminalTest, TheLineIsErasedAtTheEnd) {
  {
    ProgressLine line;
    wait();
    line.update("read", 0, 1);
    EXPECT_EQ(shown(), "\renfold: read");
  }
  EXPECT_EQ(shown(), "\r            \r");
}

TEST_F(TerminalTest, TheLineIsErasedBeforeInitialisersRun) {
  ProgressLine line;
  wait();
  line.update("read", 0, 1);
  line.update("register", 1, 2);
  EXPECT_EQ(shown(), "\renfold: read\r            \r");
}

TEST(ProgressTest, NothingIsWrittenToAPipe) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK), 0);
  int saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  {
    ProgressLine line;
    std::this_thread::sleep_for(std::chrono::milliseconds(320));
    line.update("read", 0, 1);
  }
  dup2(saved, STDERR_FILENO);
  char buffer[16];
  EXPECT_EQ(read(ends[0], buffer, sizeof buffer), -1);
  for (int end : {ends[0], ends[1], saved}) close(end);
}

}  // namespace
}  // namespace tool
