"""What tests of several packages use: servers, processes and access to the library."""
