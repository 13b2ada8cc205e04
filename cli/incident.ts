/** `kuramori incident`: what the watchtowers wrote down, merged, as a timeline, a record, a report and notices. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Misconfigured, reasonOf, writeNew } from '@kuramori/program';
import { print, refuse, say, text, type Command } from './command.ts';
import { build } from './incident/build.ts';
import { exported, formats, type Format } from './incident/exports.ts';
import { merge } from './incident/merge.ts';
import { readPages } from './incident/pages.ts';
import { readSource } from './incident/read.ts';
import { langs, type Lang } from './incident/words.ts';

export const incidentCommand: Command = {
  usage: `kuramori incident FILE… [--pages FILE] [--format timeline|json|regulator|notices] [--lang en|ja] [--since TIME] [--out FOLDER]
                                                      what happened, from every watchtower's incident.jsonl
  To standard output: one format (timeline, unless it says otherwise) in one language (en). --out: as new files, and where
  --format or --lang is not given, in every format and both languages. --pages: the pager's journal. Drafts have blanks that
  people must fill in, marked as such. docs/incident.md says more.`,
  options: {
    pages: { type: 'string' },
    format: { type: 'string' },
    lang: { type: 'string' },
    since: { type: 'string' },
    out: { type: 'string' },
  },
  run: (options, files) => {
    const wrong = (what: string) => Promise.resolve(refuse(`incident: ${what}\n\n${incidentCommand.usage}`));
    const [format, lang, since] = [text(options['format']), text(options['lang']), text(options['since'])];
    if (files.length === 0) return wrong('which files? Give the incident.jsonl of each watchtower');
    if (format !== null && !isFormat(format)) return wrong(`--format: must be one of ${formats.join(', ')}`);
    if (lang !== null && !isLang(lang)) return wrong(`--lang: must be one of ${langs.join(', ')}`);
    const from = since === null ? null : Date.parse(since);
    if (from !== null && !(from >= 0))
      return wrong(`--since: '${since}' is no time: 2026-01-26T09:00:00Z is one`);
    return Promise.resolve(
      run({
        files,
        pages: text(options['pages']),
        format,
        lang,
        since: from,
        out: text(options['out']),
      }),
    );
  },
};

interface Asked {
  readonly files: readonly string[];
  readonly pages: string | null;
  readonly format: Format | null;
  readonly lang: Lang | null;
  readonly since: number | null;
  readonly out: string | null;
}

const isFormat = (given: string): given is Format => (formats as readonly string[]).includes(given);
const isLang = (given: string): given is Lang => (langs as readonly string[]).includes(given);

function run({ files, pages: pager, format, lang, since, out }: Asked): number {
  const paths = [...new Set(files.map((file) => resolve(file)))];
  const sources = paths.map((path) => readSource(nameOf(path, paths), path, textOf(path)));
  for (const { name, torn } of sources)
    if (torn)
      say(
        `kuramori: ${name}: the last line was cut off and is left out: it is in no other line of this file`,
      );
  const pages = pager === null ? null : readPages(pager, textOf(pager));
  if (pages && pages.leftOut > 0)
    say(`kuramori: ${pager}: ${pages.leftOut} lines say nothing of who was called or answered`);
  const record = build({ sources, facts: merge(sources), pages, since });
  if (record.facts.length === 0) {
    say('kuramori: no line tells of anything: there was no incident, or --since leaves it out');
    return 1;
  }
  const all = (format === null && out !== null ? formats : [format ?? 'timeline']).flatMap((one) =>
    exported(record, one, lang === null && out !== null ? langs : [lang ?? 'en']),
  );
  if (out === null) {
    print(all.map((one) => one.text.trimEnd()).join('\n\n'));
    return 0;
  }
  mkdirSync(out, { recursive: true, mode: 0o700 });
  // A report that somebody has filled in must not be written over.
  const there = all.find(({ name }) => existsSync(join(out, name)));
  if (there) return refuse(`${join(out, there.name)}: is there already: give another folder with --out`);
  for (const { name, text: content } of all) {
    writeNew(join(out, name), content);
    print(join(out, name));
  }
  return 0;
}

/** Each watchtower has a folder of its own; where not, the whole path tells them apart. */
function nameOf(path: string, all: readonly string[]): string {
  const short = (one: string) => basename(dirname(one));
  return all.filter((one) => short(one) === short(path)).length === 1 ? short(path) : path;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Misconfigured(`${path}: ${reasonOf(cause)}`, { cause });
  }
}
