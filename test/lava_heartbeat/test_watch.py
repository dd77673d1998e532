"""What is looked at on a worker."""

import os
import socket
import tempfile
import unittest

import limited
import watch
from configuration import Board, Configuration, Disk

MOUNTINFO = """22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
91 28 0:48 / /mnt/lava\\040share rw,nosuid - fuse.sshfs lavashare@master:/srv rw,user_id=0
92 28 0:49 / /mnt/a rw - fuse.sshfs old rw
95 92 0:52 / /mnt/a rw - fuse.sshfs new rw
"""


def configuration(**wanted):
    """A configuration that looks at these things only."""
    return Configuration("current", "w1", "http://master/RPC2", "login", "worker.conf", **wanted)


def seen(**wanted):
    """What one look finds."""
    return watch.watcher(configuration(**wanted), lambda: None)()


class Texts(unittest.TestCase):
    def test_the_mount_of_a_path_is_the_nearest_one_above_it(self):
        for path, wanted in (
            ("/mnt/lava share", watch.Mount("91", "/mnt/lava share")),
            ("/mnt/lava share/x", watch.Mount("91", "/mnt/lava share")),
            ("/mnt/lava", watch.Mount("28", "/")),
            ("/mnt", watch.Mount("28", "/")),
            ("/", watch.Mount("28", "/")),
        ):
            self.assertEqual(watch.mount_of(path, MOUNTINFO), wanted)

    def test_of_stacked_mounts_it_is_the_topmost(self):
        self.assertEqual(watch.mount_of("/mnt/a/", MOUNTINFO).id, "95")

    def test_only_listening_sockets_count_as_listening(self):
        text = (
            "  sl  local_address rem_address   st\n"
            "   0: 00000000:1B59 00000000:0000 0A 00000000:00000000\n"
            "   1: 0100007F:1B5A 0100007F:9C40 01 00000000:00000000\n"
            "   2: 00000000000000000000000000000000:1B5B 00000000000000000000000000000000:0000 0A 0\n"
        )
        self.assertEqual(watch.listening_ports(text), {7001, 7003})

    def test_a_disk_is_too_full_only_above_its_limit(self):
        disk = Disk("/", 90)
        self.assertIsNone(watch.disk_problem(90, disk))
        self.assertEqual(watch.disk_problem(90.1, disk), "is used by more than 90 %")


class Looks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_a_mount_that_answers_is_right_and_a_folder_is_no_mount(self):
        self.assertEqual(
            seen(mounts=("/proc", self.folder)),
            [
                watch.Sight("mount", "/proc"),
                watch.Sight("mount", self.folder, "is not mounted"),
            ],
        )

    def test_a_link_whose_target_is_gone_is_not_there(self):
        os.symlink("/dev/null", f"{self.folder}/good")
        os.symlink("/dev/no-such-device", f"{self.folder}/bad")
        boards = tuple(Board(name, f"{self.folder}/{name}") for name in ("good", "bad"))
        self.assertEqual(
            seen(boards=boards),
            [
                watch.Sight("serial", f"{self.folder}/good", None, "good"),
                watch.Sight("serial", f"{self.folder}/bad", "is not there", "bad"),
            ],
        )

    def test_a_console_is_right_while_somebody_listens_and_is_never_connected_to(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            boards = (Board("a", port=listener.getsockname()[1]),)
            said = f"does not listen on TCP port {boards[0].port}"
            self.assertEqual(seen(boards=boards), [watch.Sight("console", "a", said, "a")])
            listener.listen()
            self.assertEqual(seen(boards=boards), [watch.Sight("console", "a", None, "a")])
            listener.setblocking(False)
            with self.assertRaises(BlockingIOError):
                listener.accept()

    def test_without_its_adapter_a_console_is_no_second_problem(self):
        sights = watch.look_at_board(Board("a", "/dev/lava/a", 7001), set(), lambda _: False)
        self.assertEqual(sights, [watch.Sight("serial", "/dev/lava/a", "is not there", "a")])

    def test_an_adapter_that_has_its_power_from_the_board_may_be_away(self):
        board = Board("a", "/dev/lava/a", 7001, board_powered=True)
        self.assertEqual(watch.problems_in(watch.look_at_board(board, set(), lambda _: False)), [])
        self.assertEqual(
            watch.problems_in(watch.look_at_board(board, set(), lambda _: True)),
            ["console a does not listen on TCP port 7001"],
        )

    def test_a_disk_is_measured(self):
        sights = seen(disks=(Disk("/", 100), Disk("/no/such/folder", 90)))
        self.assertEqual(
            [sight.problem for sight in sights],
            [None, "cannot be measured: No such file or directory"],
        )

    def test_the_watchdog_is_fed_before_each_thing_that_may_hang(self):
        fed = []
        wanted = configuration(mounts=("/proc", "/sys"), disks=(Disk("/", 100),))
        watch.watcher(wanted, lambda: fed.append(1))()
        self.assertEqual(len(fed), 3)


class Hangs(unittest.TestCase):
    """A pipe that nobody writes to stands for a mount that does not answer."""

    def setUp(self):
        self.reader, self.writer = os.pipe()
        self.limit, watch.LOOK_SECONDS = watch.LOOK_SECONDS, 0.2
        self.stuck = {}

    def tearDown(self):
        watch.LOOK_SECONDS = self.limit
        for child in self.stuck.values():
            limited.abandon(child)

    def ask(self, mount="1"):
        return watch._ask(("mount", "/a", mount), lambda: os.read(self.reader, 1) and None, self.stuck)

    def test_while_a_look_hangs_no_second_one_is_begun(self):
        self.assertEqual(self.ask(), "does not answer")
        (child,) = self.stuck.values()
        self.assertEqual(self.ask(), "does not answer")
        self.assertEqual(list(self.stuck.values()), [child])

    def test_a_look_that_hung_and_came_back_is_thrown_away_and_a_new_one_made(self):
        self.ask()
        (child,) = self.stuck.values()
        os.write(self.writer, b"x")
        limited.answer_of(child, 20)
        os.write(self.writer, b"x")
        self.assertIsNone(self.ask())
        self.assertEqual(self.stuck, {})

    def test_a_new_mount_in_the_old_one_s_place_is_looked_at(self):
        self.ask(mount="1")
        self.ask(mount="2")
        self.assertEqual(len(self.stuck), 2)

    def test_no_more_than_a_few_looks_hang_at_a_time(self):
        limit, watch.MOST_STUCK = watch.MOST_STUCK, 1
        self.addCleanup(setattr, watch, "MOST_STUCK", limit)
        self.ask(mount="1")
        self.assertEqual(self.ask(mount="2"), "does not answer")
        self.assertEqual(len(self.stuck), 1)


if __name__ == "__main__":
    unittest.main()
