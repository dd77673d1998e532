import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { LabUnavailable } from '../booted/errors.ts';
import { installPackage } from '../support/debian_package.ts';
import { ensureGuestImage } from './guest_image.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the guest's image, or why there is none. */
    usbGuest: { readonly image: string } | { readonly unavailable: string };
  }
}

/** Programs that the guest runs by, and the Debian packages they come in. */
const needed = {
  '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
  '/usr/bin/qemu-img': 'qemu-utils',
  '/sbin/mkfs.ext4': 'e2fsprogs',
  '/usr/bin/setpriv': 'util-linux',
  '/usr/bin/ssh': 'openssh-client',
};

/** Has the guest's image ready for all tests; where none can be made, says why. */
export async function setup(project: TestProject): Promise<void> {
  try {
    installNeeded();
    project.provide('usbGuest', { image: await ensureGuestImage(console.log) });
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    console.warn(`\nNO GUEST WITH USB, its tests are skipped: ${error.message}\n`);
    project.provide('usbGuest', { unavailable: error.message });
  }
}

function installNeeded(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const here = `${process.platform} on ${process.arch}`;
    throw new LabUnavailable(`the guest's kernel is for Linux machines of type x64, not ${here}`);
  }
  for (const [program, name] of Object.entries(needed)) {
    const reason = existsSync(program) ? undefined : installPackage(name);
    if (reason) throw new LabUnavailable(reason);
  }
}
