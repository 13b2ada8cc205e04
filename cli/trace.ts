/** `kuramori trace`: where the money of a case is, by a declared rule; as a document that anybody can add up again. */
import { readFileSync, writeFileSync } from 'node:fs';
import {
  applyAll,
  applyBulk,
  checkExport,
  exportOf,
  investigator,
  openState,
  pathTo,
  ruleNames,
  ruleOf,
  type Exported,
} from '@kuramori/tracer';
import { readFolder, readTags } from '@kuramori/tracer/folder';
import { print, refuse, say, text, type Command } from './command.ts';
import { pathTable, traceTable } from './trace/table.ts';

type Options = Parameters<Command['run']>[0];

export const traceCommand: Command = {
  usage: `kuramori trace CASE [--rule RULE] [--alone] [--tags FILE]… [--json]
                                                    where the money is: held, at services, burned, paid as fees
kuramori trace CASE --to ADDRESS [--rule RULE] [--alone] [--tags FILE]… [--json]
                                                    the way that the first of it took to an address
kuramori trace export CASE --out FILE [--rule RULE] [--alone] [--tags FILE]…
                                                    every step and every figure, with a hash of what was traced
kuramori trace check FILE [--json]                  adds each figure of an export up again, and traces it again
  CASE is a folder with transfers.csv and addresses.csv, or with transfers.csv, sources.txt and terminals.txt. RULE is one of
  ${ruleNames.join(', ')} (tainted-first). --alone leaves out all but the rule: exchanges, presumed
  services and prices that rise. --tags are GraphSense TagPacks (.yaml) and lists of sanctioned addresses (.json).
  docs/tracing.md defines each.`,
  options: {
    json: { type: 'boolean' },
    alone: { type: 'boolean' },
    rule: { type: 'string' },
    out: { type: 'string' },
    to: { type: 'string' },
    tags: { type: 'string', multiple: true },
  },
  run: (options, [name = '', ...rest]) => {
    const wrong = (what: string) => refuse(`trace: ${what}\n\n${traceCommand.usage}`);
    const [out, json] = [text(options['out']), options['json'] === true];
    const call = (): number => {
      const [path, ...more] = name === 'export' || name === 'check' ? rest : [name, ...rest];
      if (path === undefined || path === '' || more.length > 0)
        return wrong('one case, or one file to check');
      if (name === 'check') return check(path, json);
      if ((name === 'export') !== (out !== null))
        return wrong('export takes --out, a file, and nothing else does');
      const traced = trace(path, options);
      if (typeof traced === 'string') return wrong(traced);
      for (const note of traced.notes) say(note);
      const to = text(options['to']);
      if (to !== null && name !== 'export') return way(traced, to, json);
      if (out === null) print(json ? JSON.stringify(withoutSteps(traced)) : traceTable(traced));
      else {
        writeFileSync(out, `${JSON.stringify(traced)}\n`);
        print(
          `${out}: ${traced.movements.length} steps of ${traced.name} by ${traced.rule}, of data ${traced.data}`,
        );
      }
      return 0;
    };
    return Promise.resolve(call());
  },
};

/** The whole trace, or the sentence that says what is wrong with the call. */
function trace(path: string, options: Options): Exported | string {
  const rule = ruleNames.find((one) => one === (text(options['rule']) ?? 'tainted-first'));
  if (!rule) return `--rule: must be one of ${ruleNames.join(', ')}, not '${String(options['rule'])}'`;
  const files = Array.isArray(options['tags']) ? (options['tags'] as readonly string[]) : [];
  const read = readFolder(path, files.flatMap(readTags));
  if (read.case.sources.size === 0) return `${path}: none of its sources has sent or got anything in it`;
  // `check` traces again by the exact engine: the columns are held against it.
  if (options['alone'] === true) return exportOf(applyBulk(read.case, rule));
  return exportOf(applyAll(openState(read.case, ruleOf(rule), investigator)));
}

function way(traced: Exported, to: string, json: boolean): number {
  const path = pathTo(traced, to);
  if (path.length === 0) {
    say(`trace: none of it came to ${to}`);
    return 1;
  }
  print(json ? JSON.stringify({ to, path }) : pathTable(path));
  return 0;
}

const withoutSteps = ({ movements, ...figures }: Exported) => ({ ...figures, steps: movements.length });

function check(file: string, json: boolean): number {
  let written: unknown;
  try {
    written = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file}: cannot be read as JSON: ${(cause as Error).message}`, { cause });
  }
  const wrong = checkExport(written);
  if (json) print(JSON.stringify({ holds: wrong.length === 0, wrong }));
  else if (wrong.length === 0)
    print(`holds: every figure of ${file} adds up from its steps, and traced again is the same`);
  else for (const what of wrong) say(`${file}: ${what}`);
  return wrong.length === 0 ? 0 : 1;
}
