/* The list of commands. */
#include "app/command.h"

#include <string.h>

extern const Command command_render, command_templates, command_recipes, command_steps,
    command_schema, command_models, command_doctor, command_man, command_completion, command_sheet,
    command_verify, command_compliance, command_check, command_upscale, command_admin,
    command_migrate, command_serve, command_work, command_openapi;

const Command *const commands[] = {
    &command_render,  &command_sheet,     &command_verify,  &command_compliance, &command_check,
    &command_upscale, &command_templates, &command_recipes, &command_steps,      &command_models,
    &command_serve,   &command_work,      &command_admin,   &command_migrate,    &command_openapi,
    &command_doctor,  &command_schema,    &command_man,     &command_completion, NULL,
};

const Field NoOptions_fields[] = {{FIELD_END}};

const Shape *command_settings(const Command *command)
{
    return command->is_server ? &settings_server_shape : &settings_shape;
}

Err *command_find(const char *name, const Command **ret)
{
    const char *names[COUNT(commands)] = {0};
    size_t count = 0;

    for (const Command *const *command = commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0) {
            *ret = *command;
            return NULL;
        }
        names[count++] = (*command)->name;
    }

    const char *near = shape_nearest(name, names, count);
    return err_public(
        err_new(ERR_INPUT_INVALID, "unknown command '%s'", name),
        "There is no command '%s'.%s%s%s Run 'cyclorama --help' to see all.", name,
        near ? " Did you mean '" : "", near ? near : "", near ? "'?" : "");
}
