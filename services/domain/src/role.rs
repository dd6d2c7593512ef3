use crate::text::{text_form, words};

words! {
    /// What the holder of an API token may do; each role includes those before it.
    ApiRole, "a role", "viewer, analyst, operator or admin", {
        Viewer = "viewer",
        Analyst = "analyst",
        Operator = "operator",
        Admin = "admin",
    }
}

words! {
    /// How the phones of a group ring.
    RingStrategy, "a ring strategy", "all or order", {
        All = "all",
        Order = "order",
    }
}
