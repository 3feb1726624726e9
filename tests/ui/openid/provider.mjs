// A certified OpenID provider with one client and whoever says so: the name one signs in with is all there is of them.
// node provider.mjs ISSUER HOME SECRET
import { Provider } from "oidc-provider";

const [issuer, home, secret] = process.argv.slice(2);

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "alertmesh",
      client_secret: secret,
      redirect_uris: [`${home}/api/v1/session/oidc/callback`],
      post_logout_redirect_uris: [`${home}/`],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      preferred_username: id,
      groups: { wang: ["staff", "oncall"], root: ["admins"] }[id] ?? ["staff"],
    }),
  }),
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  cookies: { keys: [secret] },
});

// Its pages want a font from elsewhere; a test asks nobody else.
provider.use(async (ctx, next) => {
  await next();
  if (typeof ctx.body === "string") ctx.body = ctx.body.replace(/@import url\([^)]*\);/, "");
});

provider.listen(new URL(issuer).port, "127.0.0.1", () => console.log("listening"));
