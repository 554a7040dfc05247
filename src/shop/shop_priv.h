/* shop_priv.h - what the files of this room share. */
#pragma once

#include "ledger/ledger.h"
#include "shop/shop.h"

/* ---- recipes ---- */

/* RECIPE with its picture no longer than MOST_PX when nothing is put behind the product; RECIPE itself when something is. In MEM. */
const Value *steps_limit_cutout(const Value *recipe, int64_t most_px, Arena *mem);

/* Which of the paid steps of RECIPE were paid for by PAID, a recipe with all its options: those that stand in it just so are left out. */
MUST Err *steps_unpaid(
    const Recipe *recipe, int complexity, const Value *paid, Price *ret_steps, int *ret_count);

/* ---- the tariff, as it is told and kept ---- */

/* The lines of BILL as JSON, in MEM. */
const Value *bill_json(const PriceBill *bill, Arena *mem);

/* What it is counted under: the batch, else the dearest of its lines. */
const char *bill_feature(const PriceBill *bill);

/* Its lines as a deed has them (Deed.parts), in MEM; NULL for one line, and for a batch, which is one thing. */
const char *bill_parts(const PriceBill *bill, Arena *mem);

/* Its lines in words, as they stand on a statement. */
const char *bill_words(const PriceBill *bill, Arena *mem);

/* BILL shared out among COUNT pictures in whole credits: what the batch itself costs, each picture, and how many of them, the first, cost
 * one more. It sums up. */
typedef struct BillShares {
    int64_t base, each, dearer;
} BillShares;

BillShares bill_shares(const PriceBill *bill, int64_t count);

/* In the queue a batch of normal priority (tier_priority) stands where work of other doors does. */
enum {
    PRIORITY_NORMAL = 3
};

/* ---- deeds ---- */

/* *RET_NEW is false, and nothing is written, when there is one of KEY already. */
MUST Err *
deed_add_once(DbTx *tx, const Buyer *buyer, const Deed *deed, const char *key, bool *ret_new);

/* For /metrics, once the sale is committed. */
void deed_count(const Deed *deed);

/* Batches and packs of PROJECT_ID are about to be forgotten: what was taken for them by now stays with their deeds. */
MUST Err *deeds_settle(DbTx *tx, const char *tenant_id, const char *project_id);

MUST Err *deed_rows(
    DbTx *tx, const char *tenant_id, const char *before, int64_t limit, Arena *mem, List *ret);

/* The counts of a tenant's projects of DOOR, and what it was charged for. */
MUST Err *deed_stats(DbTx *tx, const char *tenant_id, const char *door, Arena *mem, ShopStats *ret);
