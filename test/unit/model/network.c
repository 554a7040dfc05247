/* Just enough of onnx.proto to write a network. */
#include "network.h"

#include "test.h"

enum {
    FILE_LIMIT = 1 << 22
};

static void number_add(Buf *buf, uint64_t number)
{
    do {
        unsigned char byte = (unsigned char)((number & 127) | (number > 127 ? 128 : 0));

        CHECK_OK(buf_add(buf, &byte, 1));
        number >>= 7;
    } while (number);
}

static void int_add(Buf *buf, int field, int64_t number)
{
    number_add(buf, (uint64_t)field << 3);
    number_add(buf, (uint64_t)number);
}

static void bytes_add(Buf *buf, int field, const void *bytes, size_t size)
{
    number_add(buf, (uint64_t)field << 3 | 2);
    number_add(buf, size);
    CHECK_OK(buf_add(buf, bytes, size));
}

static void text_add(Buf *buf, int field, const char *text)
{
    bytes_add(buf, field, text, strlen(text));
}

static void message_add(Buf *buf, int field, const Buf *message)
{
    bytes_add(buf, field, message->bytes ? (const char *)message->bytes : "", message->size);
}

static void attributes_add(Buf *to, const Node *node)
{
    for (size_t i = 0; i < COUNT(node->attributes) && node->attributes[i].name; i++) {
        AUTO(buf_done) Buf attribute = BUF(FILE_LIMIT);
        const char *word = node->attributes[i].word;
        int count = node->attributes[i].count;

        text_add(&attribute, 1, node->attributes[i].name);
        if (word)
            text_add(&attribute, 4, word);
        else if (!count)
            int_add(&attribute, 3, node->attributes[i].numbers[0]);
        for (int k = 0; k < count; k++)
            int_add(&attribute, 8, node->attributes[i].numbers[k]);
        int_add(&attribute, 20, word ? 3 : count ? 7 : 2);
        message_add(to, 5, &attribute);
    }
}

static void node_add(Buf *graph, const Node *node)
{
    AUTO(buf_done) Buf message = BUF(FILE_LIMIT);

    for (size_t i = 0; i < COUNT(node->inputs) && node->inputs[i]; i++)
        text_add(&message, 1, node->inputs[i]);
    text_add(&message, 2, node->output);
    text_add(&message, 4, node->op);
    attributes_add(&message, node);
    message_add(graph, 1, &message);
}

static void constant_add(Buf *graph, const Constant *constant)
{
    AUTO(buf_done) Buf message = BUF(FILE_LIMIT);
    size_t count = 1;

    for (int i = 0; i < constant->rank; i++) {
        int_add(&message, 1, constant->sides[i]);
        count *= (size_t)constant->sides[i];
    }
    int_add(&message, 2, constant->whole ? 7 : 1);
    text_add(&message, 8, constant->name);
    if (constant->whole)
        bytes_add(&message, 9, constant->whole, count * sizeof(int64_t));
    else
        bytes_add(&message, 9, constant->floats, count * sizeof(float));
    message_add(graph, 5, &message);
}

static void end_add(Buf *graph, int field, const char *name, const int64_t sides[4])
{
    AUTO(buf_done) Buf shape = BUF(FILE_LIMIT);
    AUTO(buf_done) Buf tensor = BUF(FILE_LIMIT);
    AUTO(buf_done) Buf type = BUF(FILE_LIMIT);
    AUTO(buf_done) Buf end = BUF(FILE_LIMIT);

    for (int i = 0; i < 4; i++) {
        AUTO(buf_done) Buf side = BUF(FILE_LIMIT);

        if (sides[i])
            int_add(&side, 1, sides[i]);
        message_add(&shape, 1, &side);
    }
    int_add(&tensor, 1, 1);
    message_add(&tensor, 2, &shape);
    message_add(&type, 1, &tensor);
    text_add(&end, 1, name);
    message_add(&end, 2, &type);
    message_add(graph, field, &end);
}

void network_write(const Network *network, Buf *file)
{
    AUTO(buf_done) Buf graph = BUF(FILE_LIMIT);
    AUTO(buf_done) Buf opset = BUF(FILE_LIMIT);

    for (size_t i = 0; i < network->nodes_count; i++)
        node_add(&graph, &network->nodes[i]);
    text_add(&graph, 2, "test");
    for (size_t i = 0; i < network->constants_count; i++)
        constant_add(&graph, &network->constants[i]);
    end_add(&graph, 11, "x", network->input);
    end_add(&graph, 12, "y", network->output);

    int_add(file, 1, 7);
    message_add(file, 7, &graph);
    text_add(&opset, 1, "");
    int_add(&opset, 2, 13);
    message_add(file, 8, &opset);
}
