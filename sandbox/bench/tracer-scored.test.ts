/** A tracer that loses the thief on a real theft, or accuses the innocent: the cases of the data folder, where it is. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  applyAll,
  applyBulk,
  bare,
  checkExport,
  exportOf,
  investigator,
  openState,
  ruleNames,
  ruleOf,
} from '@kuramori/tracer';
import { foldersIn, readFolder, readTags } from '@kuramori/tracer/folder';
import { readdirSync } from 'node:fs';
import { benchTracer } from './tracer.ts';

const data = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '../shared/data/tracing');
const there = existsSync(data);

describe.skipIf(!there)('with ../shared/data/tracing', () => {
  it('every goal of the listed cases is met, by one setting', () => {
    const bench = benchTracer({ data });
    if (typeof bench === 'string') throw new Error(bench);
    const goals = bench.figures.filter(({ goal }) => goal !== null);
    expect(goals.length).toBeGreaterThanOrEqual(8);
    expect(goals.filter(({ met }) => met !== true)).toEqual([]);
  });

  it.each(
    ['heist', 'launder']
      .flatMap((kind) => foldersIn(join(data, kind)))
      .map((folder) => [basename(folder), folder] as const),
  )('%s exports figures that add up', (_, folder) => {
    for (const name of ruleNames) {
      const state = applyAll(openState(readFolder(folder).case, ruleOf(name), investigator));
      expect(checkExport(JSON.parse(JSON.stringify(exportOf(state))))).toEqual([]);
    }
  });

  it.each(
    ['heist', 'launder']
      .flatMap((kind) => foldersIn(join(data, kind)))
      .map((folder) => [basename(folder), folder] as const),
  )('%s by columns is, to the unit, what it is by the exact engine', (_, folder) => {
    const of = readFolder(folder).case;
    for (const name of ruleNames)
      expect(exportOf(applyBulk(of, name))).toEqual(exportOf(applyAll(openState(of, ruleOf(name), bare))));
  });

  it.each(['tags', 'ofac'])('every file of %s is read', (kind) => {
    for (const file of readdirSync(join(data, kind))) {
      const tags = readTags(join(data, kind, file));
      expect(tags.length, file).toBeGreaterThan(0);
      for (const { label, category, confidence, source } of tags)
        expect(
          [label, category, confidence, source].every((text) => text !== ''),
          file,
        ).toBe(true);
    }
  });
});

it('a folder that is not there, or holds no case, is named', () => {
  expect(benchTracer({ data: '/nowhere' })).toBe(
    '--data: /nowhere is not there: give the folder with heist/ and launder/',
  );
  expect(benchTracer({ data: dirname(fileURLToPath(import.meta.url)) })).toContain('has no case');
});
