/** Roles: who owns the books, who posts, who only reads. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { LedgerError, type Client } from './database.ts';

/** Owns the tables and functions; nobody logs in as it. */
export const ledgerOwner = 'kuramori_ledger';
/** The custody process. */
export const custodyRole = 'kuramori_custody';
/** Reads everything and writes nothing: proofs, reports, `verify`. */
export const proverRole = 'kuramori_prover';

/** What each person may who proposes and approves; nobody logs in as it. */
export const personRole = 'kuramori_person';

/** A person's own login. Throws a LedgerError where the name is none. */
export async function addPerson(client: Client, name: string, password: string): Promise<string> {
  if (!/^[a-z][a-z0-9_]{1,40}$/.test(name))
    throw new LedgerError(`a person's name must be 2 to 41 lower-case letters, digits or _: not '${name}'`);
  const role = `${personRole}_${name}`;
  await ensureRole(client, role, password);
  await client.query(`grant ${personRole} to ${role} with inherit true, set false, admin false`);
  await client.query(`
    do $$ begin
      execute format('grant connect on database %I to ${role}', current_database());
    end $$`);
  return role;
}

/** Makes the role, without login unless a password is given, and sets that password. Safe to repeat. */
export async function ensureRole(client: Client, role: string, password?: string): Promise<void> {
  await client.query(`
    do $$ begin
      create role ${role} noinherit nosuperuser nocreatedb nocreaterole;
    exception when duplicate_object or unique_violation then null;
    end $$`);
  if (password !== undefined) {
    await client.query(`alter role ${role} login password '${scramVerifier(password)}'`);
  }
}

/**
 * What Postgres keeps instead of the password (RFC 5802 §3, `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`).
 * Made here, so that the password itself is in no statement and in no server log.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16), iterations = 4096): string {
  // RFC 4013 changes nothing in printable ASCII, so no SASLprep is needed.
  if (!/^[\x21-\x7e]{16,128}$/.test(password)) {
    throw new LedgerError('a database password must be 16 to 128 printable ASCII characters without spaces');
  }
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
