/** Folded Portuguese words that carry no need and name no product: grammar, politeness and counter small talk. */
export const STOPWORDS: ReadonlySet<string> = new Set(
  (
    'a o as os um uma uns umas de do da dos das em no na nos nas num numa ao aos e ou mas que se por pelo pela pelos ' +
    'pelas para pra pro pras pros com sem como quando onde qual quais quem porque pois entao ja ainda so mais menos ' +
    'muito muita muitos muitas bem mal tao tambem ate desde sobre entre eu tu ele ela nos voces voce ce eles elas me te ' +
    'lhe lhes meu minha meus minhas seu sua seus suas nosso nossa dele dela isso isto aquilo esse essa esses essas este ' +
    'esta estes estas aquele aquela ai ali aqui la ca agora hoje ontem amanha sempre nunca nada tudo todo toda todos ' +
    'todas algum alguma alguns algumas nenhum nenhuma outro outra outros outras mesmo mesma coisa coisas gente pessoa ' +
    'nao sim ok ta to tou estou estava estao estamos esta sou era e foi fui sao ser estar ter tem tenho tinha temos tive ' +
    'teve tenha tendo vai vou vamos ir indo vem vim veio quero queria quer querer gostaria preciso precisa precisava ' +
    'precisando pode poderia posso da dar deu dei fazer faz fez faco fiz ver vejo viu acho acha sei sabe saber falar ' +
    'falou dizer disse olha olhe veja escuta gostou ficou ficar fica pegar pega pego levar leva levo comprar compra ' +
    'compro tomar toma tomo tomei tomando usar usa uso usei usando passar passa passo passou mandar manda deixa deixar ' +
    'senhor senhora moco moca amigo amiga doutor doutora dona seu bom boa dia tarde noite oi ola alo tchau obrigado ' +
    'obrigada valeu favor licenca desculpa claro certo beleza perfeito otimo tipo assim ne hein ah eh ahn hum opa nossa ' +
    'alguma vez vezes ano anos mes meses semana semanas hora horas minuto dois duas tres quatro cinco seis sete oito ' +
    'nove dez bastante pouco pouca danado demais mil cem sessenta cinquenta quarenta trinta vinte'
  ).split(' '),
);

/** Those of them that carry no meaning in a phrase either; the others are kept where a phrase would else be one word. */
export const GRAMMAR: ReadonlySet<string> = new Set(
  (
    'a o as os um uma uns umas de do da dos das em no na nos nas num numa ao aos e ou que se por pelo pela pelos pelas ' +
    'para pra pro pras pros com me te lhe meu minha meus minhas seu sua seus suas esse essa este esta isso isto'
  ).split(' '),
);
