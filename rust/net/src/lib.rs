//! Who I am, who I can reach, how messages travel
