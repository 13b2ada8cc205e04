/** A file carried as frames by the real command: lost, doubled, mixed and changed ones are named, and nothing is written before all is there. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { partText, readFrame } from '../signers/codes/frame.ts';

const base = mkdtempSync(join(tmpdir(), 'kuramori-codes-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const at = (name: string) => join(base, name);

function codes(...args: readonly string[]) {
  const main = join(import.meta.dirname, 'launch.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'codes', ...args], {
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

const psbt = Buffer.concat([
  Buffer.from('70736274ff', 'hex'),
  Buffer.from(Array.from({ length: 995 }, (_, n) => n & 255)),
]);
writeFileSync(at('in.psbt'), psbt);
const lines = codes('show', at('in.psbt'), '--type', 'psbt', '--size', '100').out.trim().split('\n');

it('shows three times the frames that hold it', () => {
  expect(lines).toHaveLength(33);
  for (const [index, line] of lines.entries())
    expect(line).toMatch(new RegExp(`^ur:psbt/${index + 1}-11/[a-z]+$`));
});

it('shows as a PSBT only what is one', () => {
  writeFileSync(at('base64'), psbt.toString('base64'));
  expect(codes('show', at('base64'), '--type', 'psbt')).toMatchObject({ code: 2, out: '' });
});

it('reads it back from what is left, in another order', () => {
  const seen = lines.filter((_, index) => index % 5 !== 2).toReversed();
  writeFileSync(at('first'), `${seen.slice(0, 12).join('\n')}\n`);
  writeFileSync(at('second'), seen.slice(12).join('\r\n').toUpperCase());
  expect(codes('read', at('first'), at('second'), '--out', at('out.psbt'))).toMatchObject({
    code: 0,
    out: `psbt, 1000 bytes: ${at('out.psbt')}\n`,
  });
  expect(readFileSync(at('out.psbt')).equals(psbt)).toBe(true);
  // And never over what is there; a file after the last that it takes is not asked for.
  expect(codes('read', at('first'), at('second'), at('missing'), '--out', at('again.psbt')).code).toBe(0);
  expect(codes('read', at('first'), at('second'), '--out', at('out.psbt')).code).not.toBe(0);
});

it('names what is no frame of it, in both languages; not whole: nothing is written', () => {
  const [first = '', second = ''] = lines;
  const other = codes('show', at('first'), '--size', '100').out.split('\n')[0] ?? '';
  const seen = [
    first,
    first,
    second.slice(0, -9),
    `${second.slice(0, -1)}${second.endsWith('a') ? 'b' : 'a'}`,
    other,
    'https://example.com',
  ];
  writeFileSync(at('bad'), seen.join('\n'));
  const { code, err } = codes('read', at('bad'), '--out', at('none'));
  expect(code).toBe(1);
  expect(err.trim().split('\n')).toEqual([
    expect.stringMatching(/bad:2: this frame was read before.*読み取り済み/),
    expect.stringMatching(/bad:3: this frame is cut short.*途中で切れて/),
    expect.stringMatching(/bad:4: this frame is damaged or was changed.*変更されて/),
    expect.stringMatching(/bad:5: this frame is of another message.*may be the foreign one.*無関係な場合も/),
    expect.stringMatching(/bad:6: this is another code than ours.*コードではありません/),
    expect.stringMatching(/it is not whole.*nothing is written.*揃っていません/),
  ]);
  expect(existsSync(at('none'))).toBe(false);
});

it('frames that contradict each other: nothing is written, whatever comes after', () => {
  const frame = readFrame(lines[0] ?? '');
  if (!('kind' in frame) || frame.kind !== 'part') throw new Error('a part was meant');
  const forged = partText('psbt', { ...frame.part, data: frame.part.data.map((byte) => byte ^ 1) });
  writeFileSync(at('forged'), [forged, ...lines].join('\n'));
  const { code, err } = codes('read', at('forged'), '--out', at('of-the-forger'));
  expect(code).toBe(1);
  expect(err.trim()).toMatch(/^\S+forged:2: the frames contradict each other.*begin again.*最初から[^\n]*$/);
  expect(existsSync(at('of-the-forger'))).toBe(false);
});

it('shows what is no PSBT under a type of ours, and reads what others show as bytes', () => {
  writeFileSync(at('any'), 'anything');
  expect(codes('show', at('any')).out).toMatch(/^ur:x-kuramori\/[a-z]+\n$/);
  expect(codes('show', at('any'), '--type', 'bytes')).toMatchObject({ code: 2, out: '' });
  // BCR-2024-001's reference: 50 bytes.
  const bytes =
    'ur:bytes/hdeymejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtgwdpfnsboxgwlbaawzuefywkdplrsrjynbvygabwjldapfcsdwkbrkch';
  writeFileSync(at('theirs'), bytes);
  expect(codes('read', at('theirs'), '--out', at('fifty')).out).toMatch(/^bytes, 50 bytes/);
});

it('a photograph that is not read is told as that, and not as frames', () => {
  writeFileSync(at('jpeg'), Buffer.from('ffd8ffe000104a4649460a0a41', 'hex'));
  expect(codes('read', at('jpeg'), '--out', at('none')).err).toMatch(
    /^\S+jpeg: this picture cannot be read[^\n]*\nit is not whole[^\n]*\n$/,
  );
});
