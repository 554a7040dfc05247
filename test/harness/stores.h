/* stores.h - the same promise on every kind of store.
 *
 *     TEST_BLOB(what_was_put_is_got)
 *     {
 *         CHECK_OK(blob_put(given->blob, ...));
 *     }
 *
 * runs as what_was_put_is_got/fs, .../s3 (Ceph's radosgw) and .../azure (Azurite), each in an empty store. The outside servers are started
 * when first asked for, on loopback, and end with the program; where one is not installed its tests are skipped.
 */
#pragma once

#include "blob/blob.h"
#include "test.h"

typedef enum StoreKind {
    STORE_FS,
    STORE_S3,
    STORE_AZURE
} StoreKind;

typedef struct Given {
    StoreKind kind;
    Arena *mem;
    NetClient *net;
    Blob *blob;
    BlobSetup setup;    /* of blob, to open another one like it */
    const char *folder; /* STORE_FS */
} Given;

typedef void BlobTest(Given *given);

void test_on_store(StoreKind kind, BlobTest *test);

#define TEST_BLOB_ENTRY_(name_, ending_, kind_) \
    static void test_##name_##_##ending_(void) \
    { \
        test_on_store(kind_, test_##name_); \
    } \
    __attribute__(( \
        section("tests"), used, aligned(8))) static const Test entry_##name_##_##ending_ = { \
        #name_ "/" #ending_, __FILE__, test_##name_##_##ending_}

#define TEST_BLOB(name_) \
    static void test_##name_(Given *given); \
    TEST_BLOB_ENTRY_(name_, fs, STORE_FS); \
    TEST_BLOB_ENTRY_(name_, s3, STORE_S3); \
    TEST_BLOB_ENTRY_(name_, azure, STORE_AZURE); \
    static void test_##name_(Given *given)

/* A promise of one kind alone. */
#define TEST_BLOB_ON(kind_, name_) \
    static void test_##name_(Given *given); \
    TEST_BLOB_ENTRY_(name_, only, kind_); \
    static void test_##name_(Given *given)
