/* shop.h - a customer with a studio around it: what tests of runs begin with. */
#pragma once

#include "harness/db.h"
#include "ledger/ledger.h"
#include "run/run.h"

typedef struct Shop {
    Db *db;
    Arena *mem;
    const char *folder; /* of the store */
    NetClient *net;
    Blob *blob;
    Studio studio;
    Tenant tenant;
    JobCrew *crew; /* NULL until shop_hire */
} Shop;

/* A tenant with CREDITS beside QUOTA images' worth, an empty store, nobody at work. */
void shop_open(Shop *shop, Db *db, int64_t quota);
void shop_close(Shop *shop);

/* Workers begin, and end when nothing is left to be done for the project. */
void shop_hire(Shop *shop);
void shop_wait(Shop *shop, const char *project_id, Project *ret);

/* A job of as many photos as there are names, NULL-ended, with one run each, without networks. */
void shop_job(Shop *shop, const char *const *names, Project *ret, List *ret_runs);

/* PUT BYTES where a link of our own says; the error of our own server. */
MUST Err *shop_put(Shop *shop, const Link *link, const void *bytes, size_t size);

/* What a link of our own gives, in BUF. */
MUST Err *shop_get(Shop *shop, const char *url, Buf *buf);

/* Upload a drawn product for RUN and say that it is there. */
void shop_upload(Shop *shop, const Run *run);

Purse shop_purse(Shop *shop);
Quota shop_quota(Shop *shop);
void shop_audit(Shop *shop); /* every purse is what its entries say */
