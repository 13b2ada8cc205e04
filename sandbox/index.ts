/** The sandbox: the house on a devnet, and the thefts replayed against it. Never in production. */
export { addressJson, addressTable } from './drill/address-table.ts';
export { drillThefts, theftNames } from './drill/thefts/all.ts';
export { ablationTable, theftsDocument, theftsJson, theftsTable } from './drill/thefts/table.ts';
export { drillRows, type DrillOptions } from './drill/drill-rows.ts';
export { addressAttacks, drillDepositAddress } from './drill/deposit-address.ts';
export { up, type UpOptions } from './up.ts';
export { benchCodes } from './bench/codes.ts';
export { benchTracer } from './bench/tracer.ts';
export { benchCosigner, type CosignerBenchOptions } from './bench/cosigner.ts';
export { benchLedger, type LedgerBenchOptions } from './bench/ledger.ts';
export { benchVault, type VaultBenchOptions } from './bench/vault.ts';
export { benchWatchtower, benchedChains, type WatchtowerBenchOptions } from './bench/watchtower.ts';
export { benchWithdrawals, type WithdrawalsBenchOptions } from './bench/withdrawals.ts';
export { chaos, type Chaos, type ChaosOptions } from './chaos/chaos.ts';
export { chaosTable } from './chaos/table.ts';
export { grounds, type GroundName } from './chaos/on/index.ts';
export { hasLitecoind } from './litecoin/nodes.ts';
export { figuresTable, machine, type Bench, type Figure } from './bench/figures.ts';
