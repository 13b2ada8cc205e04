/** `kuramori codes`: a file as QR codes, still or moving, and back (Blockchain Commons' UR), for machines that no cable may join. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  framesOf,
  isForeign,
  isPicture,
  movingPage,
  reader,
  readPicture,
  tellFrame,
  textsIn,
  toldKnown,
  toldPicture,
  urTypes,
  type Step,
  type UrType,
} from '@kuramori/signers/codes';
import { Misconfigured, reasonOf } from '@kuramori/program';
import { print, refuse, say, text, wholeNumber, type Command } from './command.ts';

type Options = Parameters<Command['run']>[0];

export const codesCommand: Command = {
  usage: `kuramori codes show FILE [--type x-kuramori|psbt|crypto-psbt] [--page OUT.html] [--frames N] [--size BYTES]
  A file as frames of text, a line each (three times as many as hold it, where none is named), or as a page that shows them
  as one moving QR code, without script. --type: psbt for a PSBT in binary, crypto-psbt for wallets of before 2024;
  x-kuramori, where none is named, for everything else. --size: the most bytes in a frame (200).
kuramori codes read FILE … --out FILE
  The other way: files of frames, a line each, or pictures of codes (PNG, PGM, PPM; several on one are all read), in any order. Frames that are cut, changed,
  of another message or of another program are named in English and Japanese, and left out; nothing is written until all is
  there. What comes out says nothing about who showed it.`,
  options: {
    type: { type: 'string' },
    page: { type: 'string' },
    frames: { type: 'string' },
    size: { type: 'string' },
    out: { type: 'string' },
  },
  run: (options, [name = '', ...files]) => {
    const [first] = files;
    if (name === 'show' && first !== undefined && files.length === 1)
      return Promise.resolve(show(first, options));
    if (name === 'read' && files.length > 0) return read(files, text(options['out']));
    return Promise.resolve(refuse(`codes: show takes one file, read one or more\n\n${codesCommand.usage}`));
  },
};

function show(file: string, options: Options): number {
  const type = text(options['type']) ?? 'x-kuramori';
  if (!isShown(type)) return refuse(`--type: ${type} is none of ${shown.join(', ')}`);
  const size = wholeNumber('size', options['size'], 200, 10, 1_000);
  if (typeof size === 'string') return refuse(size);
  const bytes = readFileSync(file);
  // BIP 174's first bytes. In base64 no wallet would take it.
  if (type !== 'x-kuramori' && !bytes.subarray(0, 5).equals(Buffer.from('70736274ff', 'hex')))
    return refuse(`codes show: ${file} is no PSBT in binary`);
  const frames = framesOf(type, type === 'x-kuramori' ? packed(bytes) : bytes, size);
  const count = wholeNumber('frames', options['frames'], 3 * frames.fragments, 1, 10_000);
  if (typeof count === 'string') return refuse(count);
  const page = text(options['page']);
  if (page === null)
    for (let number = 1; number <= (frames.fragments === 1 ? 1 : count); number += 1)
      print(frames.text(number));
  else writeFileSync(page, movingPage(frames, count), { flag: 'wx' });
  say(`${frames.fragments} frames hold it`);
  return 0;
}

async function read(files: readonly string[], out: string | null): Promise<number> {
  if (out === null) return refuse('codes read: --out names the file that it is written to');
  const whole = await wholeFrom(files);
  if (whole === null) return 1;
  writeFileSync(out, whole.bytes, { flag: 'wx', mode: 0o600 });
  print(`${whole.type}, ${whole.bytes.length} bytes: ${out}`);
  return 0;
}

function readOr(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
}

/** Whether a file shows codes: a picture, or frames of text. */
export function showsCodes(file: string): boolean {
  const bytes = readOr(file);
  return isPicture(bytes) || isForeign(bytes) || /^\s*ur:/i.test(bytes.subarray(0, 64).toString('latin1'));
}

/** A page that shows a file of ours as one moving code. */
export function pageOf(bytes: Uint8Array): string {
  const frames = framesOf('x-kuramori', packed(bytes), 200);
  return movingPage(frames, 3 * frames.fragments);
}

/** A page that shows a PSBT in binary, as most wallets and devices read one. */
export function psbtPageOf(psbt: Uint8Array): string {
  const frames = framesOf('crypto-psbt', psbt, 200);
  return movingPage(frames, 3 * frames.fragments);
}

/** Texts of hex digits and names: half of the frames. */
function packed(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 9 });
}

/** No bomb: more than any order or answer is long. Bytes. */
const mostUnpacked = 16 * 1024 * 1024;

/** What was shown before codes were packed is none. */
function unpacked(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: mostUnpacked });
  } catch (cause) {
    throw new Misconfigured('what the codes hold is no packed file, or longer than 16 MiB', { cause });
  }
}

/** What files of frames, or pictures of codes, hold together; null where it is not whole, which is told. */
export async function wholeFrom(
  files: readonly string[],
): Promise<{ readonly type: string; readonly bytes: Uint8Array } | null> {
  const reading = reader();
  let last: Step | null = null;
  for await (const { from, line } of framesIn(files)) {
    last = reading.take(line);
    if (last.kind === 'refused') {
      say(`${from}: ${oneLine(tellFrame(last.flaw))}`);
      // Which of them was forged nobody knows: what comes after may be of the forger too.
      if (last.flaw.why === 'contradicts') return null;
    }
    if (last.kind === 'known') say(`${from}: ${oneLine(toldKnown)}`);
    if (last.kind !== 'whole') continue;
    return { type: last.type, bytes: last.type === 'x-kuramori' ? unpacked(last.bytes) : last.bytes };
  }
  const part = last === null || last.kind === 'refused' ? '' : `: ${last.have} of ${last.need} frames’ worth`;
  say(
    oneLine({
      en: `it is not whole${part}, and nothing is written. Show more frames`,
      ja: `まだ全部揃っていません。何も書き込んでいません。フレームを続けて表示してください`,
    }),
  );
  return null;
}

interface Line {
  readonly from: string;
  readonly line: string;
}

/** One file after another, and none that is not asked for: a picture takes a hundred times its size in memory. */
async function* framesIn(files: readonly string[]): AsyncGenerator<Line> {
  for (const file of files) yield* await linesIn(file);
}

async function linesIn(file: string): Promise<readonly Line[]> {
  const bytes = readFileSync(file);
  if (!isPicture(bytes) && !isForeign(bytes))
    return bytes
      .toString('utf8')
      .split(/\r?\n/)
      .flatMap((line, at) => (line === '' ? [] : [{ from: `${file}:${at + 1}`, line }]));
  const picture = readPicture(bytes);
  const lines = picture === null ? [] : await textsIn(picture);
  const nothing = { en: 'no code is seen in this picture', ja: '画像にコードが見つかりません' };
  if (lines.length === 0) say(`${file}: ${oneLine(picture === null ? toldPicture : nothing)}`);
  return lines.map((line) => ({ from: file, line }));
}

/** BCR-2020-005: `bytes` is for trials alone. What others show so is read. */
const shown = urTypes.filter((type) => type !== 'bytes');
const isShown = (name: string): name is UrType => shown.some((type) => type === name);
const oneLine = ({ en, ja }: { readonly en: string; readonly ja: string }) => `${en} / ${ja}`;
