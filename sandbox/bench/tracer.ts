/** `kuramori bench tracer`: traces of the theft cases beside their labels, and beside what other tracers are known to reach. It scores, and times nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  applyAll,
  bare,
  investigator,
  openState,
  ruleNames,
  ruleOf,
  scoreFlow,
  scoreNodes,
} from '@kuramori/tracer';
import { foldersIn, readFolder, type CaseFolder } from '@kuramori/tracer/folder';
import { machine, type Bench, type Figure } from './figures.ts';

/** Best of the other tracers on the same bytes, by the data's README: the recall, and at that recall the precision. */
const bestListed: Readonly<Record<string, readonly [recall: number, precision: number]>> = {
  Bancor: [1, 1],
  Harvest: [1, 0.5],
};

/** Published of another tracer on the whole chain. */
const published: Readonly<Record<string, readonly [flow: number, terminals: number]>> = {
  TxPhish: [0.953, 0.926],
  LIFI: [0.994, 0.995],
};

const settings = { alone: bare, investigator } as const;

export interface TracerBenchOptions {
  /** A folder with heist/ and launder/, each with a folder a case. */
  readonly data: string;
}

export function benchTracer({ data }: TracerBenchOptions): Bench | string {
  if (!existsSync(data)) return `--data: ${data} is not there: give the folder with heist/ and launder/`;
  const cases = ['heist', 'launder'].flatMap((kind) => foldersIn(join(data, kind)));
  if (cases.length === 0) return `--data: ${data} has no case: it needs folders in heist/ or launder/`;
  return {
    bench: 'tracer',
    machine: machine(),
    figures: cases.flatMap((folder) => figuresOf(readFolder(folder))),
  };
}

function figuresOf(read: CaseFolder): readonly Figure[] {
  const { name } = read.case;
  return (
    ruleNames
      .map(ruleOf)
      // Values that no rule conserves cover any flow.
      .filter((rule) => read.kind === 'heist' || rule.conserves)
      .flatMap((rule) =>
        Object.entries(settings).flatMap(([called, setting]) => {
          const state = applyAll(openState(read.case, rule, setting));
          const title = `${name}, ${rule.name}, ${called}`;
          // A goal is for what an investigator is told to run.
          const goals = setting === investigator && rule.name === 'tainted-first';
          if (read.kind === 'heist') {
            const { nodes, recall, precision } = scoreNodes(state, read.labels, read.firsts);
            const best = bestListed[name];
            return [
              figure(`${title}: nodes`, nodes, 'nodes', null, null, false),
              figure(`${title}: recall`, recall, 'of 1', 'best listed recall', best?.[0] ?? null, goals),
              figure(
                `${title}: precision`,
                precision,
                'of 1',
                'best listed precision at it',
                best?.[1] ?? null,
                goals,
              ),
            ];
          }
          const { flow, terminals } = scoreFlow(state);
          const best = published[name];
          return [
            figure(`${title}: flow coverage`, flow, 'of 1', 'published', best?.[0] ?? null, goals),
            figure(`${title}: terminal coverage`, terminals, 'of 1', 'published', best?.[1] ?? null, goals),
          ];
        }),
      )
  );
}

/** Shares are told to a ten-thousandth, since the published ones differ by thousandths. */
function figure(
  name: string,
  value: number,
  unit: string,
  baseline: string | null,
  baselineValue: number | null,
  goal: boolean,
): Figure {
  const exact = (share: number) => Math.floor(share * 10_000) / 10_000;
  const beside = baselineValue === null ? null : { baseline, ratio: value / baselineValue };
  return {
    name,
    value: unit === 'nodes' ? value : exact(value),
    unit,
    baseline: beside?.baseline ?? null,
    baselineValue,
    ratio: beside ? exact(beside.ratio) : null,
    goal: beside && goal ? 1 : null,
    met: beside && goal ? beside.ratio >= 1 : null,
  };
}
