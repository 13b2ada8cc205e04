/** The vector that BCR-2020-012 publishes, and those of BCR-2020-005, which holds its frames in the same letters. */
import { expect, it } from 'vitest';
import { bytewordsOf, readBytewords } from './bytewords.ts';

const hex = (text: string) => {
  const read = readBytewords(text);
  return read.kind === 'read' ? Buffer.from(read.bytes).toString('hex') : read.why;
};

it.each([
  [
    'BCR-2020-012: a seed, minimal encoding',
    'd99d6ca20150c7098580125e2ab0981253468b2dbc5202c11947da',
    'tantjzoeadgdstaslplabghydrpfmkbggufgludprfgmaosecffltnsoaawkbd',
  ],
  [
    'BCR-2020-005: ur:seed, untagged',
    'a10150c7098580125e2ab0981253468b2dbc52',
    'oyadgdstaslplabghydrpfmkbggufgludprfgmamdpwmox',
  ],
])('%s', (_, bytes, letters) => {
  expect(bytewordsOf(Buffer.from(bytes, 'hex'))).toBe(letters);
  expect(hex(letters)).toBe(bytes);
});

it('BCR-2020-005: a part of three', () => {
  expect(hex('lpadaxcsencylobemohsgmoyadhdeynteelblrcygldwvarflojtcywyjydmylgdsa')).toMatch(/^85010318/);
});
