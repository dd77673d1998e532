import { describe, expect, test } from 'vitest';
import { inventoryOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

/** What is wrong with an inventory, one line each. */
async function mistakes(text: string): Promise<readonly string[]> {
  return linesOf(await mistakesOf(() => inventoryOf(text)));
}

describe('a broken inventory', () => {
  test.each([
    [
      'all: { vars: { lava: { instence: a } } }\nworkers: { hosts: { "w[1:3]": } }\n',
      "1:24 unknown-key lava has no key 'instence' (host w1 and 2 more hosts) | did you mean 'instance'?",
    ],
    [
      'workers: { hosts: { w1: { lava: { db: { port: "5432" } } } } }\n',
      '1:47 wrong-type lava.db.port must be a whole number, not the text "5432" (host w1) | write it without quotes',
    ],
    [
      'workers: { hosts: { w1: { lava: { heartbeat: { timeout: 0 } } } } }\n',
      '1:57 out-of-range lava.heartbeat.timeout must be at least 1, not 0 (host w1) | HEARTBEAT_TIMEOUT: whole seconds, 300 by default.',
    ],
    [
      'workers: { hosts: { w1: { lava: { layout: debain } } } }\n',
      '1:43 not-allowed lava.layout cannot be the text "debain" (host w1) | did you mean \'debian\'?',
    ],
    [
      'workers: { hosts: { w1: { boards: { name: b } } } }\n',
      /^1:35 wrong-type boards must be a list, not a map/,
    ],
    [
      'workers: { hosts: { w1: { boards: [{ device_type: x }] } } }\n',
      /^1:36 missing-key boards\[0\] needs 'name' \(host w1\)/,
    ],
    [
      'workers: { hosts: { w1: { boards: [{ name: b, serial: { usb_seriel: x } }] } } }\n',
      "1:57 unknown-key boards[0].serial has no key 'usb_seriel' (host w1) | did you mean 'usb_serial'?",
    ],
    [
      'workers: { hosts: { w1: { boards: [{ name: b, serial: { usb_serial: 12345 } }] } } }\n',
      "1:69 wrong-type boards[0].serial.usb_serial must be text, not the number 12345 (host w1) | quote it: '12345'",
    ],
    [
      'workers: { hosts: { w1: { boards: [{ name: ttyUSB0 }] } } }\n',
      /^1:44 not-allowed boards\[0\]\.name cannot be the text "ttyUSB0"/,
    ],
    [
      'workers: { hosts: { w1: { boards: [{ name: b, serial: { vendor: 6001 } }] } } }\n',
      '1:65 lost-number vendor is a hexadecimal number, and YAML reads 6001 as a decimal one | write 0x6001, or quote it',
    ],
    [
      'workers: { hosts: { w1: { password: !secret db } } }\nsecrets: { bd: { env: X } }\n',
      "1:45 unknown-secret there is no secret 'db' | did you mean 'bd'?",
    ],
    [
      'secrets: { a: { files: x } }\nworkers:\n',
      "1:17 unknown-key the secret 'a' has no key 'files' | did you mean 'file'?",
    ],
    [
      'secrets: { a: { file: x, env: Y } }\nworkers:\n',
      "1:12 bad-secret the secret 'a' needs exactly one of env, file, command and prompt",
    ],
    [
      'secrets: { a: word }\nworkers:\n',
      /^1:12 wrong-type the secret 'a' must be a map, not the text "word"/,
    ],
    [
      'secrets: { a: { command: pass show x } }\nworkers:\n',
      /^1:26 wrong-type the secret 'a'\.command must be a list/,
    ],
    [
      'workers: { hosts: { w1: { jump: w2 }, w2: { jump: w1 } } }\n',
      "1:51 jump-cycle these hosts are each other's jump hosts: w1 -> w2 -> w1",
    ],
    [
      'workers: { hosts: { w1: { jump: w2 }, w2: { connection: local } } }\n',
      "1:33 bad-jump 'w2' is a local connection and cannot be a jump host",
    ],
    [
      'workers: { hosts: { w1: { address: "{{ nothing }}" } } }\n',
      "1:40 unknown-name 'nothing' is not defined here (host w1)",
    ],
    [
      'workers: { hosts: { w1: { lava: { proxy: "{{ prxy | lower }}" } } } }\n',
      /^1:46 unknown-name 'prxy' is not defined here \(host w1\)/,
    ],
    [
      'workers: { hosts: { w1: { address: "{{ a }}", a: "{{ b }}", b: "{{ a }}" } } }\n',
      /^1:50 variable-cycle this value uses itself: a -> b -> a \(host w1\)/,
    ],
  ])('%j', async (text, wanted) => {
    const [first, ...others] = await mistakes(text);
    if (typeof wanted === 'string') expect(first).toBe(wanted);
    else expect(first).toMatch(wanted);
    expect(others).toEqual([]);
  });

  test('never shows a password that stands in it', async () => {
    const text =
      'workers: { hosts: { w1: { password: 12345678, lava: { db: { password: [hunter22] } } } } }\n';
    const found = await mistakesOf(() => inventoryOf(text));
    expect(linesOf(found)).toEqual([
      `1:37 wrong-type password must be text, not this value (host w1) | quote it`,
      expect.stringMatching(/^1:\d+ wrong-type lava\.db\.password must be text, not a list/),
    ]);
    expect(JSON.stringify(found)).not.toContain('12345678');
  });
});

describe('boards that collide', () => {
  test.each([
    [
      'by name, anywhere in the lab',
      '{ name: b }',
      '{ name: b }',
      'w2',
      "the lab has two boards with the name 'b'; the first is on line 3 of",
    ],
    [
      'by TCP port on one worker',
      '{ name: b, serial: { tcp_port: 7001 } }',
      '{ name: c, serial: { tcp_port: 7001 } }',
      'w1',
      'w1 has two boards with the TCP port 7001; the first is on line 3 of',
    ],
    [
      'by adapter on one worker',
      '{ name: b, serial: { usb_serial: FT1 } }',
      '{ name: c, serial: { usb_serial: FT1 } }',
      'w1',
      'w1 has two boards with the adapter FT1; the first is on line 3 of',
    ],
  ])('%s are refused', async (_how, first, second, worker, wanted) => {
    const boards = worker === 'w1' ? `[\n ${first},\n ${second} ]` : `[\n ${first} ]`;
    const other = worker === 'w2' ? `\n w2: { boards: [ ${second} ] }` : '';
    const text = `workers: { hosts: {\n w1: { boards: ${boards} }, ${other} } }\n`;
    const [found, ...others] = linesOf(await mistakesOf(() => inventoryOf(text)));
    expect(found).toMatch(/^4:\d+ duplicate-name /);
    expect(found).toContain(wanted);
    expect(others).toEqual([]);
  });

  test('on different workers, or on different interfaces, do not', async () => {
    const boards = (names: string) =>
      `boards: [{ name: ${names}a, serial: { usb_serial: FT1, usb_interface: 0, tcp_port: 7001 } }, { name: ${names}b, serial: { usb_serial: FT1, usb_interface: 1, tcp_port: 7002 } }]`;
    const text = `workers: { hosts: { w1: { ${boards('x')} }, w2: { ${boards('y')} } } }\n`;
    expect((await inventoryOf(text)).hosts.size).toBe(2);
  });
});
