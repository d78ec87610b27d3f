<?php
// Sends one request with PECL's OAuth, and says how it was signed. Reads JSON as sign_oauthlib.py does and
// writes JSON {method, url, headers, body, status, reply}: the signed request, and what came of one that it
// sent itself. A body of fields is an array to it, another one a text.
$given = json_decode(stream_get_contents(STDIN), true);
$c = $given["credentials"];
$hashes = ["HMAC-SHA1" => OAUTH_SIG_METHOD_HMACSHA1, "HMAC-SHA256" => OAUTH_SIG_METHOD_HMACSHA256];
$places = ["header" => OAUTH_AUTH_TYPE_AUTHORIZATION, "query" => OAUTH_AUTH_TYPE_URI, "form" => OAUTH_AUTH_TYPE_FORM];

function signer($c, $hash, $place) {
	$o = new OAuth($c["consumerKey"], $c["consumerSecret"], $hash, $place);
	$o->setToken($c["token"], $c["tokenSecret"]);
	$o->setRequestEngine(OAUTH_REQENGINE_STREAMS);
	return $o;
}

$url = $given["base"] . $given["path"];
$form = $given["type"] === "application/x-www-form-urlencoded";
$fields = [];
if ($form) {
	parse_str($given["body"], $fields);
}
$headers = $given["type"] ? ["Content-Type" => $given["type"]] : [];
$out = ["method" => $given["method"], "url" => $url, "headers" => $headers, "body" => $given["body"], "status" => 0, "reply" => ""];
if ($given["where"] === "header") {
	$o = signer($c, $hashes[$given["hash"]], $places["header"]);
	$out["headers"]["Authorization"] = $o->getRequestHeader($given["method"], $url, $form ? $fields : null);
}
$o = signer($c, $hashes[$given["hash"]], $places[$given["where"]]);
try {
	$o->fetch($url, $form ? $fields : ($given["body"] === "" ? null : $given["body"]), $given["method"], $headers);
} catch (OAuthException $e) {
	$out["reply"] = (string) $e->lastResponse ?: $e->getMessage();
}
$info = $o->getLastResponseInfo();
$out["status"] = $info["http_code"] ?? 0;
echo json_encode($out, JSON_FORCE_OBJECT);
