import { describe, expect, test } from 'vitest';
import { cleanEnv, foreignSettings } from '../../modules/lava_workers/foreign_settings.ts';

function keysIn(env: string): readonly (string | undefined)[] {
  const told = { names: ['env.yaml'], env, dispatcher: '', commonEnv: 'overrides:\n  LC_ALL: C\n' };
  return foreignSettings(told, []).map(({ key }) => key);
}

const BEGIN = '  # BEGIN lava-play proxy';
const OURS = '  http_proxy: "http://192.0.2.5:3128/"';
const END = '  # END lava-play proxy';

describe('what somebody else has put into env.yaml', () => {
  test.each(['\r', '\x85', '\u2028', '\u2029'])('is found behind a comment that %j ends', (end) => {
    const text = `overrides:\n  LC_ALL: C\n  # harmless${end}  PYTHONWARNINGS: x\n`;
    expect(keysIn(text)).toEqual(['PYTHONWARNINGS']);
    expect(cleanEnv(text, 'overrides:\n  LC_ALL: C\n', [])).not.toContain('PYTHONWARNINGS');
  });

  test('is found between the marks of our block', () => {
    const text = ['overrides:', BEGIN, OURS, '  PYTHONWARNINGS: x', END, ''].join('\n');
    expect(keysIn(text)).toEqual(['PYTHONWARNINGS']);
  });

  test('is found behind a mark that has no end', () => {
    expect(keysIn(['overrides:', BEGIN, '  PYTHONWARNINGS: x', ''].join('\n'))).toEqual([
      'PYTHONWARNINGS',
    ]);
  });

  test('is not our block, also where it brings the section along', () => {
    const own = OURS.trim();
    const whole = `# BEGIN lava-play proxy\noverrides:\n  ${own}\n  no_proxy: "localhost"\n# END lava-play proxy\n`;
    expect(keysIn(whole)).toEqual([]);
    expect(keysIn(['overrides:', BEGIN, OURS, END, '  LC_ALL: C', ''].join('\n'))).toEqual([]);
  });
});
