// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The collector keeps what variables of the program lead to, shared and of each thread, and frees the rest.
import core.memory : GC;
import core.thread : Thread;

class Node {
  Node next;
  int value;
  this(Node next, int value) { this.next = next; this.value = value; }
}

__gshared Node everywhere;
Node here;  // of each thread

Node list(int n) {
  Node head;
  foreach (i; 0 .. n) head = new Node(head, i);
  return head;
}

int sum(Node node) {
  int total;
  for (; node !is null; node = node.next) total += node.value;
  return total;
}

void churn() {
  foreach (i; 0 .. 50) {
    list(1000);
    GC.collect();
  }
}

int main() {
  everywhere = list(1000);
  here = list(100);
  churn();
  int other;
  auto thread = new Thread({ here = list(10); churn(); other = sum(here); });
  thread.start();
  thread.join();
  return sum(everywhere) == 499_500 && sum(here) == 4950 && other == 45 ? 0 : 1;
}
