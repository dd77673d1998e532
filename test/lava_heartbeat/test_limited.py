"""Work with a time limit, in real processes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

import limited


def wait_for(condition):
    """Waits until the condition holds; fails after a long while."""
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("the condition never held")
        time.sleep(0.01)


def is_running(pid):
    """Whether a process is there and no mere zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


class Limited(unittest.TestCase):
    def test_a_value_comes_back(self):
        self.assertEqual(limited.within(20, lambda: {"a": [1, None, "ä"]}), {"a": [1, None, "ä"]})

    def test_a_long_value_comes_back_whole(self):
        self.assertEqual(limited.within(20, lambda: "x" * 1_000_000), "x" * 1_000_000)

    def test_what_the_work_raises_comes_back_as_text(self):
        with self.assertRaisesRegex(limited.WorkFailed, "^no such thing$"):
            limited.within(20, lambda: (_ for _ in ()).throw(ValueError("no such thing")))

    def test_a_fork_that_fails_leaves_no_descriptor_behind(self):
        before = os.listdir("/proc/self/fd")
        with unittest.mock.patch("os.fork", side_effect=BlockingIOError(11, "no process left")):
            with self.assertRaisesRegex(limited.CannotStart, "^no process left$"):
                limited.start(lambda: None)
        self.assertEqual(os.listdir("/proc/self/fd"), before)

    def test_a_child_that_dies_is_noticed(self):
        with self.assertRaises(limited.WorkFailed):
            limited.within(20, lambda: os.kill(os.getpid(), signal.SIGKILL))

    def test_work_that_hangs_is_killed_with_all_that_it_started(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "pid")
            child = limited.start(
                lambda: subprocess.run([sys.executable, "-c", GRANDCHILD, file], check=False).returncode
            )
            wait_for(lambda: os.path.exists(file))
            with open(file, encoding="utf-8") as text:
                grandchild = int(text.read())
            self.assertTrue(is_running(grandchild))
            with self.assertRaisesRegex(limited.TimedOut, "^no answer within 0.01 s$"):
                limited.answer_of(child, 0.01)
            self.assertFalse(limited.is_over(child))
            limited.abandon(child)
            wait_for(lambda: not is_running(grandchild) and not is_running(child.pid))

    def test_it_can_be_asked_without_waiting_whether_the_work_is_over(self):
        reader, writer = os.pipe()
        child = limited.start(lambda: os.read(reader, 1).decode())
        self.assertFalse(limited.is_over(child))
        os.write(writer, b"x")
        wait_for(lambda: limited.is_over(child))
        self.assertEqual(limited.answer_of(child, 20), "x")
        limited.abandon(child)


GRANDCHILD = """
import os, signal, sys
with open(sys.argv[1] + '.new', 'w') as file:
    file.write(str(os.getpid()))
os.rename(sys.argv[1] + '.new', sys.argv[1])
signal.pause()
"""

if __name__ == "__main__":
    unittest.main()
