import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Money: accounts with their running balances, and transfers of one row each (a debit account, a credit account, an
 * amount), so that the ledger is balanced by construction. Transfers are written once and never changed.
 */
export class Ledger1764000000006 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table accounts (
        id uuid not null,
        organization_id uuid not null references organizations (id),
        kind text not null,
        currency text not null,
        debits_pending bigint not null default 0,
        debits_posted bigint not null default 0,
        credits_pending bigint not null default 0,
        credits_posted bigint not null default 0,
        created_at timestamptz not null,
        constraint account_pk primary key (id, organization_id),
        constraint account_unique unique (organization_id, kind, currency),
        constraint account_kind_known check (kind in
          ('wallet', 'earnings', 'escrow', 'fees', 'cash_at_bank', 'cash_at_stripe', 'vouchers', 'refunds', 'rounding')),
        constraint account_amounts_not_negative check (
          debits_pending >= 0 and debits_posted >= 0 and credits_pending >= 0 and credits_posted >= 0),
        constraint account_not_overdrawn check (
          kind not in ('wallet', 'earnings', 'escrow', 'vouchers') or debits_posted + debits_pending <= credits_posted)
      ) with (fillfactor = 50)`);
    await db.query(`
      create table transfers (
        id uuid not null,
        organization_id uuid not null references organizations (id),
        kind text not null,
        stage text not null default 'posted',
        pending_id uuid,
        debit_account_id uuid not null,
        credit_account_id uuid not null,
        amount_micros bigint not null,
        currency text not null,
        booking_id uuid,
        reference text not null,
        created_at timestamptz not null,
        constraint transfer_pk primary key (id, organization_id),
        constraint transfer_reference_unique unique (organization_id, reference),
        constraint transfer_pending_resolved_once unique (organization_id, pending_id),
        constraint transfer_amount_positive check (amount_micros > 0),
        constraint transfer_two_accounts check (debit_account_id <> credit_account_id),
        constraint transfer_stage_known check (stage in ('posted', 'pending', 'post_pending', 'void_pending')),
        constraint transfer_stage_names_pending check ((pending_id is not null) = (stage in ('post_pending', 'void_pending')))
      )`);
    await db.query(`create index transfer_by_debit on transfers (debit_account_id, id)`);
    await db.query(`create index transfer_by_credit on transfers (credit_account_id, id)`);
    await db.query(`create index transfer_by_booking on transfers (booking_id) where booking_id is not null`);
    await db.query(`
      create index transfer_of_bookings on transfers (organization_id) include (kind, amount_micros, currency)
        where booking_id is not null`);
    await db.query(`revoke update, delete on transfers from fallow_app`);
    await db.query(`
      create table top_ups (
        id uuid not null,
        organization_id uuid not null references organizations (id),
        amount_micros bigint not null,
        currency text not null,
        method text not null,
        reference text not null,
        state text not null,
        requested_by uuid,
        settled_by uuid,
        settled_at timestamptz,
        created_at timestamptz not null,
        constraint top_up_pk primary key (id, organization_id),
        constraint top_up_reference_unique unique (reference, organization_id),
        constraint top_up_amount_positive check (amount_micros > 0),
        constraint top_up_method_known check (method in ('bank_transfer', 'stripe')),
        constraint top_up_state_known check (state in ('pending', 'settled', 'cancelled'))
      )`);
    await db.query(`create index top_up_by_organization on top_ups (organization_id, id)`);
    await db.query(`create index top_up_pending on top_ups (id) where state = 'pending'`);
    await db.query(`
      create table policies (
        version integer primary key,
        body jsonb not null,
        created_by uuid,
        created_at timestamptz not null
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table policies, top_ups, transfers, accounts`);
  }
}
