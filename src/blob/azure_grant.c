/* Signed URLs of Azure: service SAS for one blob. */
#include <string.h>

#include "base/clock.h"
#include "blob/azure_priv.h"

/* "2026-11-21T10:00:00Z" */
static const char *moment(int64_t wall_ms, Arena *mem)
{
    char text[CLOCK_TEXT_SIZE];

    clock_text(wall_ms, text);
    return arena_print(mem, "%.19sZ", text);
}

/* A service SAS for one blob, as "Create a service SAS" has it for versions from 2020-12-06 on. */
Err *azure_grant(Blob *blob, const BlobGrant *grant, Arena *mem, BlobTicket *ret)
{
    const AzureStore *store = blob->at;
    const char *path = azure_path(store, grant->key, mem);
    const char *rights = grant->is_put ? "cw" : "r", *until = moment(grant->until_ms, mem);
    const char *save =
        !grant->is_put && grant->save_as ? blob_disposition(grant->save_as, mem) : "";
    const char *protocols = strncmp(store->origin, "https:", 6) == 0 ? "https" : "https,http";
    if (grant->is_put)
        TRY(azure_container_need(blob, grant->key, NULL));

    /* sp st se resource identifier ip spr sv sr snapshot scope rscc rscd rsce rscl rsct */
    const char *text = arena_print(
        mem, "%s\n\n%s\n/blob/%s/%s\n\n\n%s\n%s\nb\n\n\n\n%s\n\n\n", rights, until, store->account,
        path, protocols, AZURE_API, save);
    NetHeader words[] = {
        {"sv", AZURE_API},
        {"sr", "b"},
        {"sp", rights},
        {"se", until},
        {"spr", protocols},
        {"sig", azure_mac(store, text, mem)},
        {*save ? "rscd" : NULL, save},
        {NULL, NULL},
    };

    NetHeader *headers = ARENA_ARRAY(mem, NetHeader, 3);
    if (grant->is_put) {
        headers[0] = (NetHeader){"x-ms-blob-type", "BlockBlob"};
        if (grant->type)
            headers[1] = (NetHeader){"Content-Type", arena_text(mem, grant->type)};
    }
    *ret = (BlobTicket){
        .url = arena_print(
            mem, "%s%s%s?%s", store->origin, store->base, path, azure_query(words, mem)),
        .method = grant->is_put ? "PUT" : "GET",
        .headers = headers,
    };
    return NULL;
}
