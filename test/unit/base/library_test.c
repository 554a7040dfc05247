/* Promises of libraries that are opened late. */
#include <stddef.h>

#include "base/library.h"
#include "test.h"

typedef struct Sums {
    double (*floor)(double x);
    double (*hypot)(double x, double y);
} Sums;

static const LibraryRow rows[] = {
    {"floor", offsetof(Sums, floor)}, {"hypot", offsetof(Sums, hypot)}, {0}};

TEST(a_librarys_functions_are_called_through_a_table)
{
    Sums sums = {0};

    CHECK_OK(library_open("libm.so.6", rows, &sums));
    CHECK(sums.hypot(3, 4) == 5);
    CHECK(sums.floor(2.5) == 2);
}

TEST(a_library_that_lacks_a_function_is_told_from_one_that_is_not_there)
{
    static const LibraryRow unknown[] = {
        {"hypot", offsetof(Sums, hypot)}, {"no_such_sum", offsetof(Sums, floor)}, {0}};
    Sums sums = {0};

    CHECK_ERR(
        library_open("libm.so.6", unknown, &sums), ERR_LIBRARY_MISSING,
        "'libm.so.6' has no function 'no_such_sum'");
    AUTO(err_free) Err *err = library_open("libnowhere.so.1", rows, &sums);
    CHECK_INT(err_code(err), ERR_LIBRARY_MISSING);
    CHECK(strstr(err_message(err), "unable to open a library: libnowhere.so.1"));
}
