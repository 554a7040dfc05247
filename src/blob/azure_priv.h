/* azure_priv.h - requests to Azure Blob Storage, signed. */
#pragma once

#include <pthread.h>

#include "blob/blob_priv.h"

#define AZURE_API "2021-12-02" /* version of the REST API that requests and signatures are of */

enum {
    CONTAINERS_KNOWN = 32,
    CONTAINER_MAX = 64,
};

typedef struct AzureStore {
    NetClient *net;
    const char *origin; /* "https://account.blob.core.windows.net" */
    const char *base;   /* of paths: "/", or "/account/" */
    const char *account;
    const char *prefix; /* of containers: "" or "shop-" */
    Buf secret;
    pthread_mutex_t mutex;
    char containers[CONTAINERS_KNOWN][CONTAINER_MAX]; /* that are there */
    int container_count;
} AzureStore;

/* What stands behind the base for KEY. In MEM. */
const char *azure_path(const AzureStore *store, const char *key, Arena *mem);

/* "a=b%20c&d=e"; QUERY ends with a nameless one, NULL is none. In MEM. */
const char *azure_query(const NetHeader *query, Arena *mem);

/* TEXT signed with the account's key, as base64. In MEM. */
const char *azure_mac(const AzureStore *store, const char *text, Arena *mem);

/* Make the container of KEY unless it is there. */
MUST Err *azure_container_need(Blob *blob, const char *key, const Cancel *cancel);

/* azure_grant.c */
MUST Err *azure_grant(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret);
