/** docs/alarms.md, made from the table that runs. */
import { always, table, thresholdOf } from './table.ts';
import { Signs, type SignId } from './thresholds.ts';

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function alarmsPage(): string {
  const signs = Signs.parse({});
  const ids = Object.keys(table) as SignId[];
  return [
    '# What the watchtower raises an alarm about',
    '',
    'Made from [watchtower/signs/table.ts](../watchtower/signs/table.ts), the table that runs; a test holds this page against it. Everything that ever was ours is watched, by every version of the policy: hot, cold, retired and empty wallets, and the cosigners’ own accounts.',
    '',
    '*Freeze*: this watchtower countersigns no payment any more and tells every signer; people thaw. *Page*: one line in the incident, which goes to the webhook: once, and once more when it is over. At most one a minute of each sign and wallet (node, room); after a restart what still is so is told once more. What is over as soon as it has happened, `oddHours` and `dormantKey`, is told once, and never again.',
    '',
    '## Always',
    '',
    row('the incident says', 'why', 'threshold', 'action'),
    row('---', '---', '---', '---'),
    ...always.map(({ event, reason, threshold, action, file }) =>
      row(`[${event}](../watchtower/${file})`, reason, threshold, action),
    ),
    '',
    '## Several chains',
    '',
    'Each chain that the policy has wallets of is seen by an eye of its own, configured under `chains`; a policy with a wallet of a chain that is not there does not start. Where the nodes of one chain do not agree, its wallets get no facts and no countersignatures, and the others go on; a freeze stops all of them ([0031](decisions/0031-an-eye-a-chain.md)). On Bitcoin’s family nothing is asked of a node that a hash does not bind: what wallets hold is added up from each node’s blocks, a plan is dead once a conflicting spend has `deadDepth` blocks on it, and an evacuation sweeps every coin that nothing covered spends, outbidding the thief where nodes let it.',
    '',
    '```json',
    '{ "chains": { "litecoin": { "nodes": [{ "url": "http://10.0.0.7:9332", "credentialsFile": "/etc/kuramori/litecoind-1" }, { "url": "http://10.0.0.8:9332", "credentialsFile": "/etc/kuramori/litecoind-2" }], "watchFrom": 2800000, "deadDepth": 6 } } }',
    '```',
    '',
    'On Ethereum a Safe is read from its storage by proof, at each block on which all nodes agree, and held against what it was made of (`safes`, by its address): a guard that was taken off, other code, a module, a strange owner, or a guard whose code lets one in, freezes, also where no event tells of it. Where a guard and the newest version of the policy name other spares, people are paged (`guardApart`, [0039](decisions/0039-only-spares-become-owners.md)). A plan is dead once another execution has its number in a block that every node holds for final. Coin and tokens go home by relayers of the watchtower’s own choice, each of which is asked; where none takes it, the page has the bytes that anybody may send.',
    '',
    '```json',
    '{ "chains": { "ethereum": { "nodes": ["http://10.0.0.7:8545", "http://10.0.0.8:8545"], "watchFrom": 24000000, "safes": { "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed": { "codeHash": "d7d4…", "singleton": "0x29fc…", "guard": "0x8617…", "moduleGuard": "0x8617…", "fallbackHandler": "0x0000000000000000000000000000000000000000" } }, "relayers": [{ "socket": "/run/kuramori/relayer/socket" }, { "tls": { "host": "10.0.1.9", "port": 7410, "certificates": ["/etc/kuramori/relayer-2.pem"] } }] } } }',
    '```',
    '',
    'A start reads the blocks from `watchFrom` anew. Signs that NEM alone can show are NEM’s alone: `balanceFalls` (elsewhere a balance is the sum of the blocks), `repeatedNonce` and `likeNonces`, `gas`, `unspendable`, `unsent` (a deadline tells), `pushSilent`, `clockApart`.',
    '',
    '## Canaries',
    '',
    'A canary is an account of ours on NEM that nobody uses, with a little in it, whose key lies where only a thief looks: in a room’s data folder, in a backup ([nem-canary.ts](../watchtower/chains/nem-canary.ts)). One signature by it freezes, and the incident says where the key lay; nothing is sent home for it, since no key of a wallet has signed. What others send to it says nothing: anybody can. Unconfirmed, a canary is looked at every two seconds; in blocks at once.',
    '',
    '```sh',
    'kuramori canary plant /var/lib/kuramori/custody --where "custody’s folder" --network mainnet   # prints what belongs into every watchtower’s `chains.nem.canaries`',
    '```',
    '',
    '## Signs',
    '',
    'Thresholds and action of each are the watchtower’s configuration, `signs`, under its name; below are the defaults. A sign is looked for about every second, beside the looks at the chain and never before them. What left by records counts from the record on, so from before a signature leaves, and is there again after a restart: it stands in the archive, and what came and went in the blocks, which are read again. Shares are of a chain’s own coin: of nothing else it is known what a wallet holds.',
    '',
    row('`signs`', 'the incident says', 'why', 'threshold', 'action'),
    row('---', '---', '---', '---', '---'),
    ...ids.map((id) =>
      row(`\`${id}\``, table[id].event, table[id].reason, thresholdOf(id, signs), signs[id].action),
    ),
    '',
    '```json',
    '{ "signs": { "shareDrained": { "minutes": 30, "shareBps": 3000, "action": "freeze" }, "gas": { "units": "5000000" } } }',
    '```',
    '',
    '`oddHours` knows a week and its holidays, by the clock on the wall of a zone; a night has the date of the working day before it. An entry’s time is the watchtowers’ median, not a date that anybody wrote beside it, so a watchtower that was down tells the hour at which it happened, within a week; a version’s is this watchtower’s own, when it was given the file. A payment that is approved by day and recorded at night, for want of room, is told: nobody wrote down when the person approved. Machines’ keys have no hours. What pages at any hour is not told twice: a freeze, a thaw, and a spend of a cold wallet, which no record covers. A person’s login at the database is custody’s to tell ([logins](logins.md)).',
    '',
    '```json',
    '{ "signs": { "oddHours": { "zone": "Asia/Tokyo", "from": "09:00", "to": "20:00", "days": ["mon", "tue", "wed", "thu", "fri"], "holidays": ["2026-12-31"] } } }',
    '```',
    '',
    'What a node alone says freezes nobody by these: `balanceFalls` needs every node at several blocks, `repeatedNonce` two signatures that verify. Whoever sets another sign to `freeze` should ask who could bring it about: strangers can send gas, a node can lag. Each sign freezes at most once a day for the same finding, so that people who have looked and thawed are not stopped by it again.',
    '',
    '## What is polled, and how often',
    '',
    row('what', 'how often', 'why so'),
    row('---', '---', '---'),
    ...polled.map((cells) => row(...cells)),
    '',
    'NIS1 also pushes: STOMP over a WebSocket at port 7778, `/w/messages/websocket`. Of the nodes that the configuration names under `chains.nem.pushes`, each look begins as soon as the node pushes anything: new blocks, or what is newly unconfirmed for a wallet. What is pushed is not read: NIS lets any of its clients speak on these topics, so a push can be anybody’s. It hastens the next look and nothing more ([0026](decisions/0026-a-push-only-hastens.md)). Polls go on at `pollMs` beside it, since NIS pushes no cosignature to the account that it signs for, and a subscription that has died looks like an account at rest; that one has died is told (`pushSilent`).',
    '',
    '```json',
    '{ "chains": { "nem": { "nodes": ["http://10.0.0.7:7890", "http://10.0.0.8:7890"], "pushes": [{ "node": "http://10.0.0.7:7890", "at": "ws://10.0.0.7:7778/w/messages/websocket" }] } } }',
    '```',
    '',
  ].join('\n');
}

const polled: readonly (readonly [string, string, string])[] = [
  [
    'what waits unconfirmed for each wallet, on each node',
    'every `pollMs` of its chain: NEM 100 ms in the sandbox, Ethereum 500 ms, Bitcoin’s family 1 s (a whole pool’s ids are listed)',
    'there a theft is seen first; a wrapper that one stolen key proposes shows under the wallet’s address',
  ],
  [
    'each node’s new blocks, all transactions',
    'every `pollMs`',
    'what never waited here, and what a cosigner’s key does for its own account: no wallet is touched by that, so a block is early enough',
  ],
  [
    'both of these once more, on a node that pushes (`pushes`)',
    'at once, and not sooner than 10 ms after the look before',
    'where looks are far apart, a push begins the next one; what is pushed is not believed',
  ],
  [
    'each Safe’s storage and coins, and its guard’s code, by proof; which block each node holds for final',
    'once a block',
    'they change with blocks only',
  ],
  ['each wallet’s balance, on each node of NEM', 'once a block', 'it changes with blocks only'],
  ['each NEM node’s clock', 'every 10 s', 'clocks drift slowly'],
  [
    'each node’s network and first block',
    'once a minute',
    'another chain shows in the hashes of its blocks at once',
  ],
  ['each signer, for freezes', 'every 250 ms', 'a freeze must be passed on at once'],
  ['each signer and watchtower, whether it answers', 'every 10 s', 'a restart takes seconds'],
  ['free disk', 'every 10 s', 'half a gigabyte is days'],
];
