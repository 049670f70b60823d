import { messages } from '../lib/messages.ts';

/** Where whoever was invited sets a password. */
export const invite = messages({
  title: 'Bem-vindo ao Balto',
  text: 'Defina a sua senha. O convite vale uma vez.',
  password: 'Senha nova',
  'password.hint': '12 caracteres ou mais. Uma frase é mais fácil de lembrar que símbolos.',
  again: 'A mesma senha, de novo',
  differs: 'As duas não são iguais.',
  submit: 'Definir senha e entrar',
  broken: 'Este link não traz um convite inteiro. Copie-o de novo, do começo ao fim, ou peça outro.',
});
