/** Layout: what a wallet's keys, papers and people survive, on any machine, with nothing but the file. */
import { lossesOf, Safekeeping, tellLosses } from '@kuramori/core';
import { jsonText, readConfig } from '@kuramori/program';
import { print } from '../command.ts';

/** 1 where one loss or one thief breaks it. */
export function showLayout(file: string, json: boolean): number {
  const losses = lossesOf(readConfig(file, Safekeeping));
  print(json ? jsonText(losses) : tellLosses(losses).join('\n'));
  return losses.why.length === 0 ? 0 : 1;
}
