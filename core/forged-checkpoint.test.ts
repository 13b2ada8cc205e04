/** Notes and checkpoints: what C2SP's own examples verify, and that nothing verifies after one bit of it has changed. */
import { assert, property, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkpointText,
  cosign,
  cosignersOf,
  growTree,
  keyId,
  leafHash,
  logKey,
  noteText,
  originOf,
  proofText,
  readCheckpoint,
  readNote,
  readProof,
  readSignedCheckpoint,
  recordKeysOf,
  signedBy,
  signedCheckpoint,
  signerOf,
  verifierKey,
  verifyCosigned,
  verifyProof,
  witnessKey,
} from './index.ts';
import { growthText, readGrowth, verifyGrowth } from './proof.ts';
import { keyNamed, policy, records, thief, tower, towers } from './testing/house.ts';

const [record] = records;
const origin = originOf('devnet', 'signer-1', record.publicKey);
const log = logKey('devnet', 'signer-1', record.publicKey);
const tree = growTree();
const leaves = Array.from({ length: 300 }, (_, at) => Buffer.from(`entry ${at}`));
for (const leaf of leaves) tree.append(leafHash(leaf));
const at = (size: number) => ({ origin, size, root: tree.root(size) });
const cosignatures = towers.map((key, index) => cosign(key, at(300), 1_769_385_720 + index));
const file = signedCheckpoint('devnet', record, at(300), cosignatures);
const keys = towers.map(({ publicKey }) => publicKey);

describe('C2SP signed-note', () => {
  // The example of signed-note.md, "Verifier keys".
  const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const key = {
    type: 'note',
    name: 'example.com/foo',
    publicKey: Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1).toString('hex'),
  } as const;
  const example =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

  it('its example: the key has this id and this text, and has signed', () => {
    expect(keyId(key)).toBe('530d903a');
    expect(verifierKey(key)).toBe(vkey);
    const note = readNote(example);
    expect(note && signedBy(note, key)).toBe('signed');
    expect(note && noteText(note)).toBe(example);
    expect(note && signedBy({ ...note, text: 'Another message.\n' }, key)).toBe('wrong');
    expect(note && signedBy(note, { ...key, name: 'example.com/bar' })).toBe('absent');
  });

  it.each([
    ['no signature', 'text\n\n'],
    ['no empty line', 'text\n— a AAAAAAAA\n'],
    ['no last newline', example.slice(0, -1)],
    ['a hyphen for the dash', example.replace('—', '-')],
    ['a tab', example.replace(' is', '\tis')],
    ['a carriage return', example.replace('.\n', '.\r\n')],
    ['a name with a plus', example.replace('example.com/foo', 'a+b')],
    ['a name with an ideographic space', example.replace('example.com/foo', 'a\u3000b')],
    ['a name with a next-line character', example.replace('example.com/foo', 'a\u0085b')],
    ['no name', example.replace('example.com/foo ', '')],
    ['base64 without its padding', example.replace('=\n', '\n')],
    ['base64 with a bit that means nothing', example.replace('aQM=', 'aQN=')],
    ['base64 for addresses', example.replace('Uw2Q', 'Uw-Q')],
    ['fewer than five bytes', example.replace(/ [^ ]+=\n$/, ' AAAAAA==\n')],
    ['a line between signatures', `${example}\n`],
  ])('%s is no note', (_what, text) => {
    expect(readNote(text)).toBe(undefined);
  });

  it('bytes that are no UTF-8, or begin with a mark of it, are none of ours', () => {
    expect(readNote(Buffer.concat([Buffer.of(0xff), Buffer.from(example)]))).toBe(undefined);
    const marked = readNote(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(example)]));
    expect(marked && signedBy(marked, key)).toBe('wrong');
  });

  it('reads nothing else than it would write', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const note = readNote(text);
        if (note) expect(noteText(note)).toBe(text);
      }),
    );
    assert(
      property(uint8Array({ minLength: 5 }), (bytes) => {
        const text = `x\n\n— name ${Buffer.from(bytes).toString('base64')}\n`;
        const note = readNote(text);
        expect(note && noteText(note)).toBe(text);
      }),
    );
  });
});

describe('a checkpoint', () => {
  it('has the lines of tlog-checkpoint, and the names of one log and its witnesses', () => {
    expect(origin).toMatch(/^kuramori\.devnet\/journal\/signer-1\/[0-9a-f]{16}$/);
    expect(signerOf(origin)).toBe('signer-1');
    expect(checkpointText(at(300))).toBe(`${origin}\n300\n${tree.root().toString('base64')}\n`);
    const [text, lines] = file.split('\n\n');
    expect(`${text}\n`).toBe(checkpointText(at(300)));
    expect(lines?.split('\n').map((line) => line.split(' ')[1] ?? '')).toEqual([
      origin,
      ...keys.map((key) => `kuramori.devnet/watchtower/${key.slice(0, 16)}`),
      '',
    ]);
  });

  it('is read back, with who signed', () => {
    const signed = readSignedCheckpoint(file);
    expect(signed?.checkpoint).toEqual(at(300));
    expect(signed && signedBy(signed.note, log)).toBe('signed');
    expect(signed && cosignersOf('devnet', keys, signed)).toEqual({ cosigned: keys, wrong: [] });
    // A stranger's line is ignored, as signed-note asks; a known one's is not.
    expect(signed && cosignersOf('devnet', [thief.publicKey], signed)).toEqual({ cosigned: [], wrong: [] });
  });

  it.each([
    ['a leading zero', (text: string) => text.replace('\n300\n', '\n0300\n')],
    ['a sign', (text: string) => text.replace('\n300\n', '\n+300\n')],
    ['more than a number can be', (text: string) => text.replace('\n300\n', '\n9999999999999999\n')],
    [
      'a root of 31 bytes',
      (text: string) => text.replace(/[^\n]+\n$/, `${Buffer.alloc(31).toString('base64')}\n`),
    ],
    ['a line more, that nobody can check', (text: string) => `${text}more\n`],
    ['no origin', (text: string) => text.replace(origin, '')],
    ['no last newline', (text: string) => text.slice(0, -1)],
  ])('with %s is none', (_what, change) => {
    expect(readCheckpoint(checkpointText(at(300)))).toEqual(at(300));
    expect(readCheckpoint(change(checkpointText(at(300))))).toBe(undefined);
  });

  it('every flipped bit in it takes away a signature, or all', () => {
    const bytes = Buffer.from(file);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const signed = readSignedCheckpoint(flipped);
      if (!signed) continue;
      const whole =
        signedBy(signed.note, log) === 'signed' && cosignersOf('devnet', keys, signed).cosigned.length === 3;
      expect(whole, `bit ${bit}`).toBe(false);
    }
  });
});

describe('a cosignature', () => {
  const [one] = cosignatures;
  if (!one) throw new Error('three towers');

  it('is over time and checkpoint: of another of either it is refused, and from another key', () => {
    expect(verifyCosigned(one)).toBe(true);
    expect(verifyCosigned({ ...one, time: one.time + 1 })).toBe(false);
    expect(verifyCosigned({ ...one, checkpoint: checkpointText(at(299)) })).toBe(false);
    expect(verifyCosigned({ ...one, watchtower: thief.publicKey })).toBe(false);
  });

  it('every flipped bit in it is refused', () => {
    for (let bit = 0; bit < 512; bit += 1) {
      const signature = Buffer.from(one.signature, 'hex');
      signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifyCosigned({ ...one, signature: signature.toString('hex') })).toBe(false);
    }
  });

  it('does not stand for a signature of the log, nor the log’s for a cosignature', () => {
    const signed = readSignedCheckpoint(file);
    if (!signed) throw new Error('a checkpoint');
    const [own, cosigned] = signed.note.lines;
    if (!own || !cosigned) throw new Error('two lines');
    const asNote = { type: 'note', name: cosigned.name, publicKey: tower.publicKey } as const;
    const relabelled = { ...signed.note, lines: [{ ...cosigned, id: keyId(asNote) }] };
    expect(signedBy(relabelled, asNote)).toBe('wrong');
    const asWitness = { ...witnessKey('devnet', record.publicKey), name: own.name };
    expect(signedBy({ ...signed.note, lines: [{ ...own, id: keyId(asWitness) }] }, asWitness)).toBe('wrong');
  });

  it('of another log of the same size and root is none of this one', () => {
    const other = { ...at(300), origin: originOf('devnet', 'signer-2', records[1].publicKey) };
    const text = signedCheckpoint('devnet', record, at(300), [cosign(tower, other, 7)]);
    const signed = readSignedCheckpoint(text);
    expect(signed && cosignersOf('devnet', keys, signed)).toEqual({ cosigned: [], wrong: [tower.publicKey] });
  });
});

describe('a proof', () => {
  const text = proofText(tree, leaves[41] ?? Buffer.of(), 41, 300, file);

  it('is a tlog-proof that needs nothing else', () => {
    expect(text.startsWith(`c2sp.org/tlog-proof@v1\nextra ZW50cnkgNDE=\nindex 41\n`)).toBe(true);
    expect(text.endsWith(`\n\n${file}`)).toBe(true);
    const proof = readProof(text);
    expect(proof && verifyProof(proof)).toBe(true);
    expect(proof?.leaf.toString()).toBe('entry 41');
    const alone = growTree();
    alone.append(leafHash(leaves[0] ?? Buffer.of()));
    const single = signedCheckpoint('devnet', record, { origin, size: 1, root: alone.root() }, []);
    const short = readProof(proofText(alone, leaves[0] ?? Buffer.of(), 0, 1, single));
    expect(short && verifyProof(short)).toBe(true);
  });

  it('every flipped bit in it is refused', () => {
    const bytes = Buffer.from(text);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const proof = readProof(flipped.toString('utf8'));
      const holds =
        proof !== undefined &&
        verifyProof(proof) &&
        signedBy(proof.signed.note, log) === 'signed' &&
        cosignersOf('devnet', keys, proof.signed).cosigned.length === 3;
      expect(holds, `bit ${bit}`).toBe(false);
    }
  });

  it('that a log grew is what a witness is posted, and no other growth passes for it', () => {
    const older = readSignedCheckpoint(signedCheckpoint('devnet', record, at(70), []));
    const growth = readGrowth(growthText(tree, 70, 300, file));
    if (!older || !growth) throw new Error('both are well formed');
    expect(growthText(tree, 70, 300, file).startsWith('old 70\n')).toBe(true);
    expect(verifyGrowth(growth, older)).toBe(true);
    expect(verifyGrowth({ ...growth, from: 69 }, older)).toBe(false);
    const forked = growTree();
    for (const leaf of leaves.with(3, Buffer.from('another')).slice(0, 70)) forked.append(leafHash(leaf));
    const other = { ...older, checkpoint: { ...older.checkpoint, root: forked.root() } };
    expect(verifyGrowth(growth, other)).toBe(false);
    expect(verifyGrowth(growth, { ...older, checkpoint: { ...older.checkpoint, origin: 'x' } })).toBe(false);
  });

  it.each([
    ['a later version', (one: string) => one.replace('@v1', '@v2')],
    ['no index', (one: string) => one.replace(/index .*\n/, '')],
    ['an index with a zero', (one: string) => one.replace('index 41', 'index 041')],
    ['no entry', (one: string) => one.replace(/extra .*\n/, '')],
    [
      'a hash of 31 bytes',
      (one: string) => one.replace(/\n[^\n]+\n\n/, `\n${Buffer.alloc(31).toString('base64')}\n\n`),
    ],
    ['no checkpoint', (one: string) => one.slice(0, one.indexOf('\n\n') + 2)],
  ])('with %s is none', (_what, change) => {
    expect(readProof(change(text))).toBe(undefined);
  });
});

it('a signer’s record keys are those of every version, the newest first', () => {
  const later = keyNamed('record 9').publicKey;
  const changed = { ...policy, signers: policy.signers.with(0, { id: 'signer-1', recordKey: later }) };
  expect(recordKeysOf([policy, changed, changed], 'signer-1')).toEqual([later, record.publicKey]);
  expect(recordKeysOf([policy], 'nobody')).toEqual([]);
});
