import { messages } from '../lib/messages.ts';

/** One's own account. */
export const account = messages({
  lead: 'Sua senha e as sessões abertas com ela.',
  'password.title': 'Trocar a senha',
  'password.current': 'Senha atual',
  'password.next': 'Senha nova',
  'password.hint': '12 caracteres ou mais. Uma frase é mais fácil de lembrar que símbolos.',
  'password.done': 'Senha trocada. As outras sessões terminaram.',
  'sessions.title': 'Sessões abertas',
  'sessions.opened': 'Aberta em',
  'sessions.seen': 'Usada por último',
  'sessions.address': 'Endereço',
  'sessions.current': 'Esta',
  'sessions.action': 'Ação',
  'sessions.end': 'Encerrar',
  'sessions.endOthers': 'Encerrar as outras',
  'sessions.ended': 'Sessão encerrada.',
  'roles.title': 'O que esta conta pode',
  'roles.everywhere': 'Toda a instalação',
  'role.owner': 'Dono',
  'role.admin': 'Administrador',
  'role.farmaceutico': 'Farmacêutico',
  'role.viewer': 'Leitor',
});
