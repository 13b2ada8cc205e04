/** Signs its part of a rotation: shown, typed, written down, and only then signed. */
import { bytesDigest } from '@kuramori/core';
import { visibleLine } from '@kuramori/program';
import type { z } from 'zod';
import type { Entrusted, Keys } from '../keystore.ts';
import { mustBeAskable, type Around } from '../held/holder.ts';
import type { Pins } from '../pins.ts';
import { checklist } from './checklist.ts';
import { ends } from './ends.ts';
import { cosign, haveCosigned, judgedRotation, type RotationRequest } from './rotation.ts';
import { refusal } from './refusal.ts';
import type { Witnesses } from './sign-order.ts';

/** `file`: what the request was read from, for whoever is told. Throws Misconfigured; then nothing of it is signed. */
export async function signRotation(
  keys: Keys | Entrusted,
  pins: Pins,
  file: string,
  request: z.infer<typeof RotationRequest>,
  { say, ask, noted, roles }: Witnesses,
  around: Around,
) {
  const judged = judgedRotation(keys, pins, request);
  mustBeAskable(keys, { ...judged, previous: [] }, around);
  for (const [what, value] of judged.shown) say(visibleLine(`${what.padEnd(14)}${value}`));
  for (const line of checklist(roles)) say(line);
  const answer = await ask(
    `${roles.operator}: if all of this is so, type the last 6 characters of the key that comes / すべてこのとおりなら、新しく入る鍵の末尾6文字を打ち込んでください:`,
  );
  if (!ends(answer, judged.change.add))
    throw refusal(
      file,
      'what was typed does not end the key that comes: nothing is signed. Look at it once more, and give the command again',
      '打ち込まれたものは、新しく入る鍵の末尾ではありません。署名していません。もう一度確かめて、コマンドをやり直してください',
    );
  const what = [
    { name: 'goes', value: judged.change.remove },
    { name: 'comes', value: judged.change.add },
    { name: 'bytes', value: bytesDigest(judged.share) },
  ];
  noted('begun', what);
  const signed = 'chain' in keys ? cosign(keys, judged) : await haveCosigned(keys, judged, around);
  say(`the transcript now ends in ${noted('done', what).hash}: note it on paper`);
  return signed;
}
