/** One client of the node's WebSocket: its frames in their order, and what each of them brings about. */
import { accountId } from '../http/request.ts';
import { readLeniently } from '../http/lenient-json.ts';
import { missing, miscast, NisFailure } from '../wire/failure.ts';
import type { NodeCore } from '../node.ts';
import { isTopic, type Broker, type Listener } from './broker.ts';
import { frameText, readFrame, type Frame } from './frame.ts';
import type { Messaging } from './messaging.ts';

export interface Session {
  readonly hear: (bytes: Buffer) => void;
  readonly end: () => void;
}

export interface SessionParts {
  readonly core: NodeCore;
  readonly broker: Broker;
  readonly messaging: Messaging;
  readonly listener: Listener;
  /** Ends the connection. */
  readonly close: (well: boolean) => void;
}

/** Spring's BufferingStompDecoder. */
const mostBuffered = 64 * 1024;
const api = '/w/api';

export function openSession({ core, broker, messaging, listener, close }: SessionParts): Session {
  let buffered: Buffer = Buffer.alloc(0);
  let connected = false;
  let over = false;

  function end(well: boolean): void {
    over = true;
    broker.forget(listener);
    close(well);
  }

  function refuse(why: string): void {
    listener.send(frameText('ERROR', { message: why }));
    end(false);
  }

  function connect(headers: Frame['headers']): void {
    // Of its own choice, the highest; without a choice it is 1.0, which has no header for it.
    const accepted = headers
      .get('accept-version')
      ?.split(',')
      .map((one) => one.trim());
    const version = ['1.2', '1.1'].find((one) => accepted?.includes(one));
    if (accepted !== undefined && version === undefined)
      return refuse(`Unsupported STOMP version '${accepted.join(',')}'`);
    connected = true;
    listener.send(
      frameText('CONNECTED', { ...(version === undefined ? {} : { version }), 'heart-beat': '0,0' }),
    );
  }

  function take({ command, headers, body }: Frame): void {
    if (command === 'CONNECT' || command === 'STOMP')
      return connected ? refuse('is connected already') : connect(headers);
    if (!connected) return refuse(`${command} before CONNECT`);
    if (command === 'DISCONNECT') {
      const receipt = headers.get('receipt');
      if (receipt !== undefined) listener.send(frameText('RECEIPT', { 'receipt-id': receipt }));
      return end(true);
    }
    if (command === 'UNSUBSCRIBE' || command === 'SUBSCRIBE') {
      const [id, destination] = [headers.get('id'), headers.get('destination')];
      if (id === undefined) return refuse(`${command} without id`);
      if (command === 'UNSUBSCRIBE') return broker.unsubscribe(listener, id);
      if (destination === undefined) return refuse('SUBSCRIBE without destination');
      // What is no topic is subscribed to in vain.
      if (isTopic(destination)) broker.subscribe(listener, id, destination);
      return;
    }
    // Acknowledging and transactions mean nothing to Spring's simple broker.
    if (command !== 'SEND') return;
    const destination = headers.get('destination');
    if (destination === undefined) return refuse('SEND without destination');
    if (destination.startsWith(`${api}/`)) return ask(destination.slice(api.length), body);
    // Any client may speak on any topic: nothing in NIS keeps Spring's broker from passing it on.
    if (isTopic(destination)) broker.publish(destination, body.toString('utf8'));
  }

  /** WebsocketInitController. What is asked for nothing here answers, and what fails is told to everybody at /errors. */
  function ask(path: string, body: Buffer): void {
    try {
      if (path === '/block/last') return messaging.block(core.chain.last().block);
      const does = asked.get(path);
      if (does === undefined) return;
      const address = addressIn(body.toString('utf8'), core);
      does(messaging, address);
    } catch (failure) {
      if (!(failure instanceof NisFailure)) throw failure;
      messaging.error(failure.message === 'null' ? null : failure.message);
    }
  }

  return {
    hear(bytes) {
      buffered = Buffer.concat([buffered, bytes]);
      while (!over) {
        const read = readFrame(buffered);
        if (read.kind === 'wrong') return refuse(read.why);
        buffered = read.rest;
        if (read.kind === 'more') break;
        take(read.frame);
      }
      if (!over && buffered.length > mostBuffered)
        refuse(`The configured STOMP buffer size limit of ${mostBuffered} bytes has been exceeded`);
    },
    end() {
      over = true;
      broker.forget(listener);
    },
  };
}

type Asked = (messaging: Messaging, address: Parameters<Messaging['observe']>[0]) => void;

const asked: ReadonlyMap<string, Asked> = new Map<string, Asked>([
  ['/account/subscribe', (messaging, address) => messaging.observe(address)],
  [
    '/account/get',
    (messaging, address) => {
      messaging.observe(address);
      messaging.account(address);
    },
  ],
  [
    '/account/transfers/all',
    (messaging, address) => {
      messaging.recent(address);
      messaging.pending(address);
    },
  ],
  ['/account/transfers/unconfirmed', (messaging, address) => messaging.pending(address)],
]);

/** AccountId, as the message converter reads it. */
function addressIn(text: string, core: NodeCore) {
  const value = readLeniently(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new NisFailure(400, `unexpected data: ${JSON.stringify(value ?? null, numbersAsText)}`, '');
  const account: unknown = 'account' in value ? value.account : undefined;
  if (account === undefined || account === null) throw missing('account');
  if (typeof account !== 'string') throw miscast(account, 'java.lang.String');
  if (account.trim() === '') throw missing('account');
  return accountId(account, core);
}

const numbersAsText = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
