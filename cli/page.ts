/** `kuramori page`: what the pager has open, answering it, and the weekly review of its journal. */
import { PageId, pagerRoutes, type Page, type PageLine } from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { Misconfigured } from '@kuramori/program';
import { print, refuse, say, text, type Command } from './command.ts';
import { openHouse, said } from './house.ts';

export const pageCommand: Command = {
  usage: `kuramori page list [--all] [--house FILE] [--json]      the pages that are open; --all: and what is over
kuramori page ack ID --as PERSON [--house FILE]         answers one: nobody else is called
kuramori page review [--house FILE] [--json]            what happened since the last review, and the digest of this list
kuramori page review --done DIGEST --as PERSON [--house FILE]
                                                        signs it off as read
  --house says where the pager listens (the sandbox's house.json, where it is left out). PERSON is one of those whom the
  pager's configuration names. docs/pager.md says more.`,
  options: {
    all: { type: 'boolean' },
    as: { type: 'string' },
    done: { type: 'string' },
    house: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: (options, [name = '', ...rest]) => {
    const json = options['json'] === true;
    const [person, digest] = [text(options['as']), text(options['done'])];
    const wrong = (what: string) => Promise.resolve(refuse(`page: ${what}\n\n${pageCommand.usage}`));
    const at = () => pagerOf(text(options['house']));
    if (name === 'list' && rest.length === 0) return list(at(), options['all'] === true, json);
    if (name === 'ack') {
      const [page, ...more] = rest;
      if (page === undefined || more.length > 0 || person === null)
        return wrong('ack takes the id of one page, and --as who you are');
      if (!PageId.safeParse(page).success) return wrong(`ack: ${page} is no page's id, as p-1a2b3c4d`);
      return told(
        call(at(), pagerRoutes.acknowledge, { page, by: person }),
        `${page} is answered by ${person}`,
      );
    }
    if (name === 'review' && rest.length === 0) {
      if (digest === null) return review(at(), json);
      if (!/^[0-9a-f]{64}$/.test(digest))
        return wrong('review: --done takes the digest that the list ends with');
      if (person === null) return wrong('review: --done needs --as who has read it');
      return told(call(at(), pagerRoutes.reviewed, { digest, by: person }), `read by ${person}`);
    }
    return wrong(name === '' ? 'which?' : `'${[name, ...rest].join(' ')}' is no call of it`);
  },
};

function pagerOf(named: string | null): Where {
  const { pager } = openHouse(named);
  if (!pager)
    throw new Misconfigured(
      `${named ?? 'house.json'}: pager: is not there: say where it listens, as {"at": {"socket": ...}}`,
    );
  return pager;
}

async function told(asked: Promise<Parameters<typeof said>[0]>, done: string): Promise<number> {
  const answer = await asked;
  if (answer.kind === 'done') print(done);
  else say(`kuramori: page: ${said(answer)}`);
  return answer.kind === 'done' ? 0 : 1;
}

async function list(at: Where, all: boolean, json: boolean): Promise<number> {
  const answer = await call(at, pagerRoutes.pages, { all });
  if (answer.kind !== 'pages') return told(Promise.resolve(answer), '');
  if (json) print(JSON.stringify({ pages: answer.pages }));
  else if (answer.pages.length === 0) print('no page is open');
  else print(table(['id', 'state', 'since', 'called', 'what'], answer.pages.map(rowOf)));
  return 0;
}

function rowOf({ id, state, opened, calls, topic, answers }: Page): readonly string[] {
  const last = answers.at(-1);
  const who = state === 'open' ? '' : ` by ${last?.by ?? '–'}`;
  const people = [...new Set(calls.flatMap((one) => one.people))].join(', ');
  return [id, `${state}${who}`, time(opened), `${calls.length}: ${people}`, topic];
}

async function review(at: Where, json: boolean): Promise<number> {
  const lines: PageLine[] = [];
  for (;;) {
    const answer = await call(at, pagerRoutes.review, {
      from: lines.at(-1) ? (lines.at(-1)?.n ?? 0) + 1 : null,
    });
    if (answer.kind !== 'review') return told(Promise.resolve(answer), '');
    if (!answer.review) {
      if (json) print(JSON.stringify({ review: null, next: answer.next }));
      else print(`no review is due; the next one is at ${time(answer.next)}`);
      return 0;
    }
    const { review: due } = answer;
    // Another list has become due meanwhile: from its beginning.
    if (lines[0] && lines[0].n !== due.from) lines.length = 0;
    else lines.push(...due.lines);
    if ((lines.at(-1)?.n ?? 0) < due.to) continue;
    if (json) print(JSON.stringify({ review: { ...due, lines }, next: answer.next }));
    else {
      print(table(['', 'time', 'what', 'of', ''], lines.map(lineOf)));
      print(`\n${lines.length} entries, due since ${time(due.due)}. Who has read them:`);
      print(`kuramori page review --done ${due.digest} --as <you>`);
    }
    return 0;
  }
}

function lineOf({ n, at, said: one }: PageLine): readonly string[] {
  const page = 'page' in one ? one.page : '';
  return [String(n), time(at), one.kind, page, detailOf(one)];
}

function detailOf(one: PageLine['said']): string {
  switch (one.kind) {
    case 'told':
      return `${one.tower}: ${one.event} (${one.does}) ${one.fields}`;
    case 'opened':
    case 'joined':
      return one.what.replaceAll('\n', '; ');
    case 'over':
      return one.source;
    case 'called':
      return `${one.people.join(', ')} (${one.why})`;
    case 'delivered':
      return `${one.person} by ${one.channel}: ${one.accepted ? 'taken' : 'REFUSED'}: ${one.answer}`;
    case 'acknowledged':
      return `${one.by} by ${one.how}`;
    case 'review':
    case 'reviewed':
      return `${one.from} to ${one.to}${one.kind === 'reviewed' ? ` by ${one.by}` : ''}`;
    case 'started':
    case 'reopened':
    case 'resolved':
      return '';
    default:
      return one satisfies never;
  }
}

const time = (at: number) => new Date(at).toISOString().slice(0, 19);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(column === row.length - 1 ? 0 : (widths[column] ?? 0)))
        .join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}
