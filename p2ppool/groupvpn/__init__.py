"""The formats of GroupVPN: certificates, requests, revocation lists, and configs."""
