/** A Unix socket to listen on: ours alone, or our folder's group's. */
import { rmSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { Misconfigured } from './config.ts';
import { folderOf } from './durable.ts';

/** Throws a Misconfigured where another process serves it, or it cannot be made. */
export async function listenOnSocket(server: Server, socket: string): Promise<void> {
  await removeStale(socket);
  await listen(server, socket);
}

/** A socket file that nobody answers is left from a crash; one that somebody answers is a second instance. */
async function removeStale(socket: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(socket);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
  if (alive) throw new Misconfigured(`${socket}: another process already serves this socket: stop it first`);
  rmSync(socket, { force: true });
}

/** Whether a folder admits its group and nobody else beside its user. */
function isForGroup(folder: string): boolean {
  try {
    return (statSync(folder).mode & 0o017) === 0o010;
  } catch {
    return false; // listening says what is wrong with it
  }
}

function listen(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new Misconfigured(
          `${socket}: cannot listen here (${cause.code}): is the folder there, and the path under 108 bytes?`,
          { cause },
        ),
      );
    });
    server.listen({ path: socket, writableAll: isForGroup(folderOf(socket)) }, resolve);
  });
}
