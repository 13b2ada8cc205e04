/** A secret file that is named where a configuration belongs: what is wrong with it is told, and no letter of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig, readJson } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-quoted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  'academic acid acne acquire',
  '"academic acid acne',
  '{"passphrase": academic}',
  '12academic',
  'あいこくしん　あいこくしん',
])('%s', (text) => {
  const file = join(folder, 'f');
  writeFileSync(file, text);
  for (const read of [() => readJson(file), () => readConfig(file, z.strictObject({}))]) {
    let told = '';
    try {
      read();
    } catch (cause) {
      const { message, cause: why } = cause as Error;
      told = `${message}${String(why)}`;
    }
    expect(told).toMatch(/f: is not JSON/);
    for (const word of ['acad', 'acid', 'acne', 'passph', 'あいこ']) expect(told).not.toContain(word);
  }
});
