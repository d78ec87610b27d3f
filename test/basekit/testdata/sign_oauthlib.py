# Signs one request with oauthlib. Reads JSON {base, method, path, body, type, where, hash, credentials}
# from standard input, writes JSON {method, url, headers, body} of the signed request.
import json, sys
from oauthlib import oauth1

given = json.load(sys.stdin)
c = given["credentials"]
client = oauth1.Client(
    c["consumerKey"], client_secret=c["consumerSecret"], resource_owner_key=c["token"], resource_owner_secret=c["tokenSecret"],
    signature_method=given["hash"],
    signature_type={"header": oauth1.SIGNATURE_TYPE_AUTH_HEADER, "query": oauth1.SIGNATURE_TYPE_QUERY, "form": oauth1.SIGNATURE_TYPE_BODY}[given["where"]],
)
headers = {"Content-Type": given["type"]} if given["type"] else {}
url, headers, body = client.sign(given["base"] + given["path"], http_method=given["method"], body=given["body"] or None, headers=headers)
json.dump({"method": given["method"], "url": url, "headers": {k: str(v) for k, v in headers.items()}, "body": body or ""}, sys.stdout)
