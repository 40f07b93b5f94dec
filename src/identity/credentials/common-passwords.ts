/** The passwords of eight characters and more that leaked lists name most often, in lower case. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `00000000 01234567 0123456789 11111111 1111111111 11223344 12121212 123123123 12341234 12344321 12345678 123456789
  1234567890 123456789a 12345678a 1234qwer 123qweasd 13131313 147258369 159753159 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2
  22222222 55555555 66666666 77777777 87654321 88888888 987654321 9876543210 99999999 a1234567 a12345678 a123456789
  aa123456 aaaaaaaa abc12345 abcd1234 abcdefgh access14 adminadmin admin123 admin1234 alexander asdf1234 asdfasdf
  asdfghjk asdfghjkl babygirl baseball basketball blink182 butterfly changeme charlie1 chocolate computer corvette
  danielle dolphins dragon123 elephant evergreen football football1 fuckyou1 garfield hello123 iloveyou iloveyou1
  internet jennifer jordan23 letmein1 letmein123 liverpool lovelove manchester marlboro master123 maverick mercedes
  michael1 michelle midnight midnight1 monkey12 monkey123 mustang1 mypassword nintendo p@ssw0rd pa55word pass1234
  passw0rd password password! password1 password12 password123 password1234 pokemon1 princess princess1 q1w2e3r4
  q1w2e3r4t5 qazwsxedc qq123456 qwer1234 qwerty12 qwerty123 qwerty1234 qwerty12345 qwertyui qwertyuiop qwertyuiop123
  rush2112 samantha scorpion secret123 shadow12 slipknot spiderman starwars steelers sunshine sunshine1 superman
  superman1 test1234 testtest trustno1 victoria welcome1 welcome123 whatever william1 zaq12wsx zxcvbnm1 zxcvbnm123`.split(
    /\s+/,
  ),
);
