/** The console's desk. What others may know of it: its configuration, and how its database is made. */
export { DeskConfig } from './config.ts';
export { deskMigrations, deskRole, migrateDesk } from './migrate.ts';
