import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addPerson,
  approve,
  bookTotals,
  loginsOf,
  openProposals,
  propose,
  Proposal,
  verify,
  watchLogins,
  whyUnwatched,
  withDatabase,
} from '@kuramori/ledger';
import { print, refuse, root, text, type Command } from './command.ts';

export const ledgerCommand: Command = {
  usage: `kuramori ledger verify [--json]            replays all entries and compares them with balances, holds and sums
kuramori ledger totals [--json]            the sums that custody signs: claims, what is due, own, and each wallet's
kuramori ledger logins [--days N] [--json] who logged in at the database, when and from where: of the last week
kuramori ledger proposals                  what waits for a second person
kuramori ledger propose FILE               one person writes down an adjustment (JSON: id, kind, about, why, legs)
kuramori ledger approve ID --digest HEX    another person posts it, as 'proposals' showed it
kuramori ledger add-person NAME            as administrator: a login; its password is read from standard input
kuramori ledger watch-logins               as administrator, once: from now on logins are written down
  DATABASE_URL, or a file named by --database, holds the URL; without either it is the running sandbox, read only.`,
  options: {
    json: { type: 'boolean' },
    database: { type: 'string' },
    digest: { type: 'string' },
    days: { type: 'string' },
  },
  run: (options, [name = '', ...rest]) => {
    const [argument] = rest;
    const takes = calls[name];
    if (takes === undefined || rest.length !== takes)
      return Promise.resolve(
        refuse(`ledger: '${[name, ...rest].join(' ')}' is no call of it\n\n${ledgerCommand.usage}`),
      );
    const url = databaseUrl(text(options['database']));
    if (url === null)
      return Promise.resolve(
        refuse(
          'ledger: no sandbox was started here, so name the database: set DATABASE_URL or --database FILE',
        ),
      );
    if (name === 'verify') return verifyBooks(url, options['json'] === true);
    if (name === 'totals') return showTotals(url, options['json'] === true);
    if (name === 'logins') return showLogins(url, text(options['days']) ?? '7', options['json'] === true);
    if (name === 'watch-logins') return writeLogins(url);
    if (name === 'proposals') return showProposals(url);
    if (name === 'propose') return proposeFile(url, argument ?? '');
    if (name === 'approve') return approveShown(url, argument ?? '', text(options['digest']) ?? '');
    return addLogin(url, argument ?? '');
  },
};

/** How many arguments each takes. */
const calls: { readonly [name: string]: number | undefined } = {
  verify: 0,
  totals: 0,
  logins: 0,
  'watch-logins': 0,
  proposals: 0,
  propose: 1,
  approve: 1,
  'add-person': 1,
};

/** By which a command reaches the database: the sandbox's reader, where nobody names another. */
export function databaseUrl(file: string | null): string | null {
  if (file !== null) return readFileSync(file, 'utf8').trim();
  const given = process.env['DATABASE_URL'];
  if (given) return given;
  try {
    return readFileSync(join(root, '.kuramori', 'sandbox', 'database', 'prover-url'), 'utf8').trim();
  } catch {
    return null; // told by the caller
  }
}

async function verifyBooks(url: string, json: boolean): Promise<number> {
  const [verified, unwatched] = await withDatabase(
    url,
    async (client) => [await verify(client), await whyUnwatched(client)] as const,
  );
  if (json) print(JSON.stringify({ ...verified, loginsUnwatched: unwatched }));
  else if (verified.kind === 'verified')
    print(
      `verified: ${verified.transfers} transfers over ${verified.accounts} accounts add up to every balance, hold and sum`,
    );
  else print(['refuted:', ...verified.findings.map((finding) => `  ${finding}`)].join('\n'));
  if (!json) print(unwatched === null ? 'logins are written down: ledger logins' : `logins: ${unwatched}`);
  return verified.kind === 'verified' ? 0 : 1;
}

/** For the weekly review: what custody told, or did not tell, stands here as Postgres wrote it down. */
async function showLogins(url: string, days: string, json: boolean): Promise<number> {
  if (!/^[1-9][0-9]{0,3}$/.test(days)) return refuse('logins: --days: must be a number of days, as 7');
  const unwatched = await withDatabase(url, whyUnwatched);
  if (unwatched !== null) return refuse(`logins: ${unwatched}`);
  const logins = await withDatabase(url, (client) => loginsOf(client, Number(days) * 24 * 60));
  if (json) for (const login of logins) print(JSON.stringify(login));
  else {
    for (const { at, role, kind, address, application } of logins)
      print(
        `${at.toISOString()}  ${kind.padEnd(13)}  ${role}  ${address || 'this server'}  ${JSON.stringify(application)}`,
      );
    if (logins.length === 0) print(`nobody logged in within ${days} days`);
  }
  return 0;
}

async function writeLogins(url: string): Promise<number> {
  const applied = await withDatabase(url, watchLogins);
  print(applied.length === 0 ? 'logins are written down already' : 'from now on logins are written down');
  return 0;
}

/** Not signed, and of no block: who reads the books needs nobody's word for them. */
async function showTotals(url: string, json: boolean): Promise<number> {
  const { sequence, assets } = await withDatabase(url, bookTotals);
  const bigints = (_key: string, one: unknown) => (typeof one === 'bigint' ? one.toString() : one);
  if (json) print(JSON.stringify({ sequence, assets }, bigints));
  else {
    print(`${sequence} transfers`);
    for (const { asset, claims, due, own, holdings } of assets) {
      print(`${asset}  claims ${claims}  due ${due}  own ${own}`);
      for (const { kind, wallet, units } of holdings) print(`  ${kind} ${wallet} ${units}`);
    }
  }
  return 0;
}

async function showProposals(url: string): Promise<number> {
  const open = await withDatabase(url, openProposals);
  for (const { id, kind, about, why, legs, proposed_by: by, at, digest } of open) {
    print(`${id}  ${kind} about ${about}, by ${by} at ${at.toISOString()}\n  ${why}`);
    for (const { kind: account, owner, asset, amount } of legs)
      print(
        `  ${amount.startsWith('-') ? 'credit' : 'debit '} ${account} ${owner} ${amount.replace('-', '')} ${asset}`,
      );
    print(`  --digest ${digest}`);
  }
  if (open.length === 0) print('nothing waits for a second person');
  return 0;
}

async function proposeFile(url: string, file: string): Promise<number> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    return refuse(`${file}: ${(cause as Error).message}`);
  }
  const read = Proposal.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    return refuse(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  await withDatabase(url, (client) => propose(client, read.data));
  print(`${read.data.id} waits for another person to approve it`);
  return 0;
}

async function approveShown(url: string, id: string, digest: string): Promise<number> {
  if (!/^[0-9a-f]{64}$/.test(digest))
    return refuse(`approve: --digest: must be the 64 hex digits that 'ledger proposals' shows`);
  const answer = await withDatabase(url, (client) => approve(client, id, digest));
  print(answer.kind === 'refused' ? `refused: ${answer.why}: ${answer.detail}` : answer.kind);
  return answer.kind === 'refused' ? 1 : 0;
}

async function addLogin(url: string, name: string): Promise<number> {
  const password = readFileSync(0, 'utf8').trim();
  const role = await withDatabase(url, (client) => addPerson(client, name, password));
  print(`${role} may propose and approve`);
  return 0;
}
