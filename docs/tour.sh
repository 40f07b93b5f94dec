# Three small helpers for the README's tour; needs curl and node. Source it: . docs/tour.sh
API=${API:-http://localhost:3000/v1}

# field PATH: one value out of the JSON on standard input, as in `field matches.0.id`.
field() {
  node -e 'let t = ""; process.stdin.on("data", (d) => (t += d)).on("end", () => console.log(process.argv[1].split(".").reduce((v, k) => v?.[k], JSON.parse(t)) ?? t))' "$1"
}

# login NAME: an access token of NAME@fallow.test.
login() {
  curl -s "$API/auth/login" -H 'content-type: application/json' \
    -d "{\"email\":\"$1@fallow.test\",\"password\":\"fallow-demo\"}" | field accessToken
}

# call TOKEN METHOD PATH [BODY]: one call, with an Idempotency-Key of its own.
call() {
  curl -s -X "$2" "$API$3" -H "authorization: Bearer $1" -H 'content-type: application/json' \
    -H "idempotency-key: tour-$(date +%s%N)" ${4:+-d "$4"}
  echo
}
