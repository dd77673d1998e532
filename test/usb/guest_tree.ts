import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chrootEnv } from '../booted/base_tree.ts';
import { type ArchivePart, sourcesList } from '../booted/debian_archive.ts';
import { authorizeKey } from '../booted/host_files.ts';
import { runOk } from '../booted/run_command.ts';
import { makeKey } from '../booted/run_folder.ts';

/** What a guest's disk and kernel are made from. */
export interface TreeInput {
  /** A copy of the lab's base tree, which becomes the guest's. */
  readonly root: string;
  /** Takes `vmlinuz`, `initrd`, the guest's public host key and a key to log in with. */
  readonly folder: string;
  readonly parts: readonly ArchivePart[];
  readonly proxy: string;
}

/** What the guest needs beyond what the host of a lab has: a kernel with USB, and Debian's ser2net as it comes. */
const install = `set -eu
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qqy --no-install-recommends install ser2net >/dev/null
mkdir /kernel
cd /kernel
package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \\(linux-image-[0-9].*\\)$/\\1/p')
apt-get -qq -o APT::Sandbox::User=root download "$package" busybox-static
for deb in *.deb; do dpkg-deb -x "$deb" .; done
apt-get -qq clean
rm -rf *.deb /var/lib/apt/lists/* /etc/apt/apt.conf.d/99guest
systemctl mask --quiet getty@.service serial-getty@.service
`;

/**
 * Debian's kernel has its block driver and file system as modules, so that an initramfs has to load them; of the
 * others the disk gets those that a USB host with serial adapters and a network loads.
 */
const kernel = `set -eu
cd /kernel
release=$(ls lib/modules)
depmod -b . "$release"
files() {
  modprobe -d /kernel -S "$release" --show-depends --ignore-install "$1" | sed -n 's/^insmod \\([^ ]*\\).*/\\1/p'
}
mkdir -p initramfs/bin initramfs/proc initramfs/sys initramfs/dev initramfs/root initramfs/modules
cp bin/busybox initramfs/bin/
for module in virtio_pci virtio_blk ext4 crc32c_generic; do
  for file in $(files "$module"); do
    cp "$file" initramfs/modules/
    name=$(basename "$file")
    grep -qxF "$name" initramfs/order 2>/dev/null || echo "$name" >>initramfs/order
  done
done
cat >initramfs/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done </order
until [ -b /dev/vda ]; do sleep 0.1; done
mount -t ext4 -o rw,noatime /dev/vda /root
mount --move /dev /root/dev
umount /proc /sys
exec switch_root /root /sbin/init
INIT
chmod +x initramfs/init
(cd initramfs && find . | ../bin/busybox cpio -o -H newc 2>/dev/null) >initrd
cp boot/vmlinuz-* vmlinuz
for module in xhci_pci usbserial ftdi_sio cp210x pl2303 ch341 cdc_acm virtio_net virtio_rng af_packet autofs4 efi_pstore configfs fuse dm_mod loop; do
  for file in $(files "$module"); do
    mkdir -p "$(dirname "/\${file#/kernel/}")"
    cp "$file" "/\${file#/kernel/}"
  done
done
cp lib/modules/"$release"/modules.order lib/modules/"$release"/modules.builtin* /lib/modules/"$release"/
depmod "$release"
`;

/** All that is done to the tree, as text: another text is another guest. */
export const treeRecipe = JSON.stringify([install, kernel, texts({ parts: [], proxy: '' })]);

/** Makes of a copy of the base tree the guest's, and puts what lies outside of it beside it. */
export async function furnishTree({ root, folder, parts, proxy }: TreeInput): Promise<void> {
  for (const [path, text] of Object.entries(texts({ parts, proxy }))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const stdin of [install, kernel]) {
    await runOk(['chroot', root, '/bin/sh'], { stdin, env: chrootEnv, timeoutMs: 600_000 });
  }
  for (const name of ['vmlinuz', 'initrd']) {
    renameSync(join(root, 'kernel', name), join(folder, name));
  }
  rmSync(join(root, 'kernel'), { recursive: true });
  const hostKey = join(root, 'etc/ssh/ssh_host_ed25519_key');
  await makeKey(hostKey, 'ed25519', 'root@usb-worker');
  copyFileSync(`${hostKey}.pub`, join(folder, 'host_key.pub'));
  const login = join(folder, 'id_ed25519');
  await makeKey(login, 'ed25519', 'lava-play-usb');
  for (const user of ['root', 'admin']) authorizeKey(root, user, `${login}.pub`);
}

/** The guest's host key as an inventory pins it: `ssh-ed25519 AAAA…`. */
export function hostKeyOf(folder: string): string {
  return readFileSync(join(folder, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
}

function texts({ parts, proxy }: Pick<TreeInput, 'parts' | 'proxy'>): Record<string, string> {
  return {
    'etc/hostname': 'usb-worker\n',
    'etc/hosts': '127.0.0.1 localhost\n10.0.2.15 usb-worker\n',
    'etc/machine-id': '6c6176612d706c61792d7573622d3031\n',
    'etc/resolv.conf': '',
    'etc/systemd/network/10-eth0.network': `[Match]
Name=eth0

[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
`,
    'etc/apt/sources.list': sourcesList(parts),
    'etc/apt/apt.conf.d/99guest': `Acquire::http::Proxy "${proxy}";
Acquire::http::Timeout "300";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
`,
  };
}
