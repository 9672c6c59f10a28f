import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// From the dashboard to what needs attention, and back into the queue, by one click each.
tours.add("connector_hub_medusa_requeue", {
    url: "/odoo/connector-hub",
    steps: () => [
        {
            content: "The card shows the backend and how many events need attention",
            trigger: ".o_kanban_record:contains(Tour shop) a[name=action_view_dead]:contains(2)",
            run: "click",
        },
        {
            content: "One click leads to the list, filtered",
            trigger: ".o_searchview_facet:contains(Needs attention)",
        },
        {
            trigger: ".o_data_row:contains(Unknown SKU) .o_data_cell[name=event_type]",
            run: "click",
        },
        {
            content: "The reason, what to do and the content are readable",
            trigger: ".o_form_view .alert-danger:contains(No product has the SKU)",
        },
        {trigger: ".o_form_view .ace_content:contains(NO-SUCH-SKU)"},
        {trigger: "button[name=action_requeue]:contains(Requeue)", run: "click"},
        {
            content: "The event waits again",
            trigger: ".o_arrow_button_current:contains(Waiting)",
        },
    ],
});

// A new backend: what is missing, credentials that are never shown again, the usual mappings.
tours.add("connector_hub_medusa_configure", {
    url: "/odoo/connector-hub",
    steps: () => [
        {trigger: ".o-kanban-button-new", run: "click"},
        {trigger: ".o_field_widget[name=name] input", run: "edit Second shop"},
        {trigger: ".o_field_widget[name=code] input", run: "click"},
        {trigger: ".o_select_menu_item:contains(Medusa)", run: "click"},
        {trigger: ".o_field_widget[name=code] input:value(Medusa)"},
        {trigger: ".o_form_button_save", run: "click"},
        {
            content: "The form says what is missing",
            trigger: ".alert-info:contains(the API key)",
        },
        {
            trigger: ".o_field_widget[name=base_url] input",
            run: "edit https://shop.example.com",
        },
        {
            trigger: ".o_field_widget[name=api_key] input[type=password]",
            run: "edit tour-api-key-1",
        },
        {
            trigger: ".o_field_widget[name=webhook_secret] input[type=password]",
            run: "edit tour-secret-0123456789",
        },
        {trigger: ".o_form_button_save", run: "click"},
        {
            content: "What was entered is gone from the screen and marked as stored",
            trigger: "div[name=api_key] .badge:contains(Stored)",
        },
        {
            trigger: ".o_field_widget[name=api_key] input[type=password]",
            run() {
                if (this.anchor.value || document.body.innerHTML.includes("tour-api-key-1")) {
                    console.error("The API key is still on the screen");
                }
            },
        },
        {trigger: ".nav-link[name=mappings]", run: "click"},
        {trigger: ".o_field_widget[name=field_mapping_ids] .o_data_row:contains(default_code)"},
        {trigger: "button[name=action_activate]:contains(Activate)", run: "click"},
        {trigger: ".modal-footer button:contains(Only changes)", run: "click"},
        {trigger: ".o_arrow_button_current:contains(Active)"},
    ],
});
