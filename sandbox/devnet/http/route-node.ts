import type { Hono } from 'hono';
import type { Json } from './json.ts';
import type { NodeCore } from '../node.ts';
import { reply } from './reply.ts';

/** What a node says of the peers that it has reached. */
export interface PeerView {
  readonly url: string;
  readonly reachable: boolean;
}

// The version whose source and replies this follows; an exchange may look at it.
const version = '0.6.102';

/** LocalController, NodeController, TimeSynchronizationController */
export function nodeRoutes(
  app: Hono,
  node: NodeCore,
  url: () => string,
  peers: () => readonly PeerView[],
): void {
  const started = node.now();
  app.get('/heartbeat', () => reply({ type: 2, code: 1, message: 'ok' }));
  // NemStatus: 7 while no peer is reachable, 6 when synchronised. A node alone is what it should be: 6.
  app.get('/status', () => {
    const views = peers();
    const alone = views.length > 0 && views.every(({ reachable }) => !reachable);
    return reply({ type: 4, code: alone ? 7 : 6, message: 'status' });
  });
  app.get('/time-sync/network-time', () => {
    const time = node.networkTimeMs();
    return reply({ sendTimeStamp: time, receiveTimeStamp: time });
  });

  const own = (): Json => nodeJson(node, url(), node.config.name);
  const reached = () => peers().filter(({ reachable }) => reachable);
  const all = (views: readonly PeerView[]): Json[] => views.map((view) => nodeJson(node, view.url, view.url));
  app.get('/node/info', () => reply(own()));
  app.get('/node/extended-info', () => {
    const nisInfo = {
      application: 'NIS',
      version,
      signer: null,
      startTime: started,
      currentTime: node.now(),
    };
    return reply({ node: own(), nisInfo });
  });
  app.get('/node/peer-list/all', () => {
    const inactive = all(peers().filter(({ reachable }) => !reachable));
    return reply({ active: all(reached()), busy: [], inactive, failure: [] });
  });
  app.get('/node/peer-list/reachable', () => reply({ data: all(reached()) }));
  app.get('/node/peer-list/active', () => reply({ data: all(reached()) }));
  app.get('/node/active-peers/max-chain-height', () => reply({ height: node.chain.height() }));
}

// All nodes of a devnet sign nothing of their own, so that the harvester's key stands for each of them.
function nodeJson(node: NodeCore, url: string, name: string): Json {
  const { hostname, port } = new URL(url);
  return {
    identity: { 'public-key': node.config.genesis.harvester, name },
    endpoint: { protocol: 'http', host: hostname, port: Number(port) },
    metaData: {
      version,
      platform: 'kuramori devnet',
      application: 'NIS',
      features: 1, // NodeFeature.TRANSACTION_HASH_LOOKUP
      networkId: (node.chain.last().block.networkByte << 24) >> 24,
    },
  };
}
